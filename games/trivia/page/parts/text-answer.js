// @ts-check
/**
 * The field of a text question. What is typed is sent while it is typed: it counts when the time is
 * up, confirmed or not.
 */

import { useEffect, useState } from 'preact/hooks'
import { html } from '../html.js'
import { t } from '../strings.js'
import { useFocusHeir } from './heading.js'

/** As long as a text may be (docs/trivia.md). */
const LONGEST = 200

/** How long a typed letter waits for the next ones: what stood there that long before the end counts. */
const HELD_MS = 300

/**
 * Shown anew (`key`) for each question.
 * @param {{ answer: import('../logic/answer.js').AnswerState, onWrite: (text: string) => void,
 *   onConfirm: () => void }} props
 */
export function TextAnswer({ answer, onWrite, onConfirm }) {
  const [text, setText] = useState(answer.text ?? '')
  const [typing] = useState(() => createTyping(onWrite))
  const form = useFocusHeir()
  useEffect(() => typing.send, [typing])

  /** @param {{ currentTarget: HTMLInputElement }} event */
  const onInput = ({ currentTarget }) => {
    setText(currentTarget.value)
    typing.change(currentTarget.value)
  }
  /** @param {Event} event */
  const onSubmit = (event) => {
    event.preventDefault()
    if (!answer.taken || answer.confirming) return
    typing.send()
    onConfirm()
  }
  return html`<form ref=${form} id="text-answer" class="text-answer field" onSubmit=${onSubmit}>
    <label for="text-answer-field">${t('yourAnswer')}</label>
    <input id="text-answer-field" dir="auto" maxlength=${LONGEST} autocomplete="off"
      autocapitalize="off" spellcheck=${false} enterkeyhint="done" aria-describedby="text-answer-hint"
      placeholder=${t('textPlaceholder')} readonly=${!answer.taken}
      value=${answer.locked ? (answer.text ?? '') : text} onInput=${onInput} onBlur=${typing.send} />
    <p class="hint" id="text-answer-hint">${t('textHint')}</p>
  </form>`
}

/**
 * Holds back what is typed for a moment, or until `send` is called; somebody who types without a
 * pause until the time is up has sent all but the last letters.
 * @param {(text: string) => void} write
 */
function createTyping(write) {
  /** @type {string | undefined} */
  let unsent
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const send = () => {
    clearTimeout(timer)
    timer = undefined
    if (unsent !== undefined) write(unsent)
    unsent = undefined
  }
  return {
    send,
    /** @param {string} text */
    change(text) {
      unsent = text
      timer ??= setTimeout(send, HELD_MS)
    },
  }
}
