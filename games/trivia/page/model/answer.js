// @ts-check
/** A player's answering: what was sent and has no receipt yet. What is shown, the room says. */

import { signal } from '@preact/signals'

/** @typedef {import('../logic/answer.js').Outgoing} Outgoing */

/** A receipt that is not here by then will take longer: the network is away, noticed or not. */
const LATE_MS = 2_000

/** @param {(event: import('../types.js').TriviaEvent) => Promise<boolean>} send true: accepted */
export function createAnswer(send) {
  /** @type {import('@preact/signals').Signal<Outgoing | undefined>} */
  const outgoing = signal(undefined)
  /** @type {import('@preact/signals').Signal<string | undefined>} */
  const confirming = signal(undefined)
  const late = signal(false)

  /** @param {import('../types.js').TriviaEvent} event */
  const sent = async (event) => {
    const timer = setTimeout(() => {
      late.value = true
    }, LATE_MS)
    await send(event)
    clearTimeout(timer)
    late.value = false
  }
  /** @param {Outgoing} answer */
  const give = async (answer) => {
    outgoing.value = answer
    await sent({ type: 'answer', ...answer })
    if (outgoing.value === answer) outgoing.value = undefined
  }

  return {
    outgoing,
    confirming,
    late,
    /**
     * @param {string} question its id
     * @param {string} letter
     */
    choose: (question, letter) => give({ question, choice: letter }),
    /**
     * @param {string} question
     * @param {string} text
     */
    write: (question, text) => give({ question, text }),
    /** @param {string} question */
    async confirm(question) {
      confirming.value = question
      await sent({ type: 'confirm', question })
      if (confirming.value === question) confirming.value = undefined
    },
  }
}

/** @typedef {ReturnType<typeof createAnswer>} AnswerModel */
