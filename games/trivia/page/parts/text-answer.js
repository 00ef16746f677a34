// @ts-check
/**
 * The field of a text question. What is typed is sent while it is typed: it counts when the time is
 * up, confirmed or not.
 */

import { html } from '@machine-party/page'
import { useEffect } from 'preact/hooks'
import { t } from '../strings.js'
import { useFocusHeir } from './heading.js'

/** As long as a text may be (docs/trivia.md). */
const LONGEST = 200

/**
 * Shown anew (`key`) for each question.
 * @param {{ answer: import('../logic/answer.js').AnswerState, onType: (text: string) => void,
 *   onSettle: () => void, onConfirm: () => void }} props
 *   onSettle: what was typed is to be sent now, if it was not
 */
export function TextAnswer({ answer, onType, onSettle, onConfirm }) {
  const form = useFocusHeir()
  // What was typed while nothing was taken (a pause) is sent now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about when answers are taken again
  useEffect(onSettle, [answer.taken])
  // biome-ignore lint/correctness/useExhaustiveDependencies: at the end
  useEffect(() => onSettle, [])

  /** @param {Event} event */
  const onSubmit = (event) => {
    event.preventDefault()
    if (answer.taken && !answer.confirming) onConfirm()
  }
  return html`<form ref=${form} id="text-answer" class="text-answer field" onSubmit=${onSubmit}>
    <label for="text-answer-field">${t('yourAnswer')}</label>
    <input id="text-answer-field" dir="auto" maxlength=${LONGEST} autocomplete="off"
      autocapitalize="off" spellcheck=${false} enterkeyhint="done" aria-describedby="text-answer-hint"
      placeholder=${t('textPlaceholder')} readonly=${!answer.taken || answer.confirming} value=${answer.text ?? ''}
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => onType(event.currentTarget.value)}
      onBlur=${onSettle} />
    <p class="hint" id="text-answer-hint">${t('textHint')}</p>
  </form>`
}
