// @ts-check
/** The player's bar at the bottom: how the answer stands, and the button that makes it final. */

import { html } from '@machine-party/page'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../strings.js'
import { useFocusHeir } from './heading.js'
import { Icon } from './icon.js'
import { useAnnouncement } from './notices.js'

/** @typedef {import('../logic/answer.js').AnswerState} AnswerState */

/**
 * @param {{ room: import('../model/room.js').Room, question: string, isText: boolean,
 *   answer: AnswerState }} props
 */
export function AnswerBar({ room, question, isText, answer }) {
  const own = useFocusHeir()
  const body = t(answer.given ? 'lockedBody' : 'lockedPass')
  useAnnouncement(room, answer.locked ? `${t('locked')}. ${body}` : '')
  return html`<section ref=${own} class="answer-bar" aria-label=${t('answerStands')} tabindex="-1">
    ${
      answer.locked
        ? html`<${Locked} body=${body} />`
        : html`<${Confirm} answer=${answer} isText=${isText} onConfirm=${() => room.answer.confirm(question)} />`
    }
  </section>`
}

/** @param {{ body: string }} props */
function Locked({ body }) {
  return html`<div class="locked">
    <p class="locked-word"><${Icon} name="lock" />${t('locked')}</p>
    <p>${body}</p>
  </div>`
}

/**
 * A text is confirmed by its form, so that what was typed last goes first. While it is typed it is
 * sent over and over: nobody wants to hear that.
 * @param {{ answer: AnswerState, isText: boolean, onConfirm: () => void }} props
 */
function Confirm({ answer, isText, onConfirm }) {
  const own = useRef(/** @type {HTMLButtonElement | null} */ (null))
  useLayoutEffect(
    () => () => {
      const button = own.current
      if (button && button === document.activeElement) button.parentElement?.focus()
    },
    [],
  )
  const word = t(answer.confirming ? 'confirming' : answer.given ? 'confirm' : 'pass')
  return html`
    <p class="answer-note" role=${isText ? undefined : 'status'}>
      ${answer.note ? html`<${Note} note=${answer.note} />` : t(isText ? 'nothingTyped' : 'nothingChosen')}
    </p>
    <button
      ref=${own}
      type=${isText ? 'submit' : 'button'}
      form=${isText ? 'text-answer' : undefined}
      class=${answer.given ? 'primary wide big' : 'wide'}
      aria-disabled=${answer.confirming || !answer.taken}
      onClick=${() => !isText && !answer.confirming && answer.taken && onConfirm()}
    >${word}</button>
  `
}

/** @type {{ readonly [note: string]: 'check' | 'cross' | 'offline' | 'pause' }} */
const NOTE_ICONS = {
  saved: 'check',
  pausedAnswer: 'pause',
  willBeSent: 'offline',
  notReceived: 'cross',
  confirmOffline: 'offline',
}

/** @param {{ note: NonNullable<AnswerState['note']> }} props */
function Note({ note }) {
  return html`<span data-note=${note}><${Icon} name=${NOTE_ICONS[note] ?? 'wait'} />${t(note)}</span>`
}
