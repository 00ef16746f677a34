// @ts-check
/** A player's answering: what was sent and has no receipt yet. What is shown, the room says. */

import { signal } from '@preact/signals'

/** @typedef {import('../logic/answer.js').Outgoing} Outgoing */

/** A receipt that is not here by then will take longer: the network is away, noticed or not. */
const LATE_MS = 2_000

/** How long a typed letter waits for the next ones: what stood there that long before the end counts. */
const HELD_MS = 300

/**
 * @param {(event: import('../types.js').TriviaEvent) => Promise<boolean>} send true: accepted
 * @param {() => boolean} [takes] whether the room takes answers now
 */
export function createAnswer(send, takes = () => true) {
  /** @type {import('@preact/signals').Signal<Outgoing | undefined>} */
  const outgoing = signal(undefined)
  /** The text in the field, until the room holds it. @type {typeof outgoing} */
  const typed = signal(undefined)
  /** The typed text that the room did not take. @type {typeof outgoing} */
  const refused = signal(undefined)
  /** @type {import('@preact/signals').Signal<string | undefined>} */
  const confirming = signal(undefined)
  const late = signal(false)
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** Whether the typed text that was sent last was taken. */
  let taken = Promise.resolve(true)

  /** @param {import('../types.js').TriviaEvent} event */
  const sent = async (event) => {
    const timer = setTimeout(() => {
      late.value = true
    }, LATE_MS)
    const accepted = await send(event)
    clearTimeout(timer)
    late.value = false
    return accepted
  }
  /** @param {Outgoing} answer */
  const give = async (answer) => {
    outgoing.value = answer
    const accepted = await sent({ type: 'answer', ...answer })
    if (outgoing.value === answer) outgoing.value = undefined
    return accepted
  }
  /** @param {Outgoing} text */
  const giveText = async (text) => {
    refused.value = undefined
    const accepted = await give(text)
    if (!accepted) refused.value = text
    else if (typed.value === text) typed.value = undefined
    return accepted
  }
  /** @param {string} question @returns {Promise<boolean>} whether the room holds what was typed */
  const settle = (question) => {
    clearTimeout(timer)
    timer = undefined
    const text = typed.value
    if (text?.question !== question) return Promise.resolve(true)
    if (!takes()) return Promise.resolve(false)
    if (text !== outgoing.value) taken = giveText(text)
    return taken
  }

  return {
    outgoing,
    typed,
    refused,
    confirming,
    late,
    /**
     * @param {string} question its id
     * @param {string} letter
     */
    choose: (question, letter) => give({ question, choice: letter }),
    /**
     * Sends what is typed: after a moment, so that somebody who types without a pause until the
     * time is up has sent all but the last letters.
     * @param {string} question
     * @param {string} text
     */
    type(question, text) {
      typed.value = { question, text }
      timer ??= setTimeout(settle, HELD_MS, question)
    },
    /** Sends at once what was typed and the room does not hold. */
    settle,
    /**
     * Once the room holds what was typed: a confirmation is of that.
     * @param {string} question
     */
    async confirm(question) {
      confirming.value = question
      if (await settle(question)) await sent({ type: 'confirm', question })
      if (confirming.value === question) confirming.value = undefined
    },
  }
}

/** @typedef {ReturnType<typeof createAnswer>} AnswerModel */
