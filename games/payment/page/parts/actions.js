// @ts-check
/** What this member may do now: a button for each event that the room would take. */

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { html } from '../html.js'
import { t } from '../strings.js'

/** @typedef {import('../types.js').PaymentEvent['type']} Type */

/** @type {readonly { type: Type, kind: string }[]} */
const EVENTS = [
  { type: 'confirm', kind: 'primary' },
  { type: 'approve', kind: 'primary' },
  { type: 'reject', kind: 'danger' },
  { type: 'cancel', kind: 'danger' },
]

/** @param {{ desk: import('../types.js').Desk, view: import('../types.js').PaymentView }} props */
export function Actions({ desk, view }) {
  const busy = useSignal(/** @type {Type | undefined} */ (undefined))
  const problem = useSignal('')
  const place = useRef(/** @type {HTMLElement | null} */ (null))
  const possible = EVENTS.filter(({ type }) => view.can(type))
  useFocus(place, possible.map(({ type }) => type).join())
  /** @param {Type} type */
  const press = async (type) => {
    if (busy.value) return
    busy.value = type
    problem.value = ''
    try {
      const receipt = await desk.send({ type })
      if (receipt.status === 'rejected') problem.value = t('refusedEvent')
    } catch (error) {
      problem.value = t('failedEvent', { reason: error instanceof Error ? error.message : '' })
    }
    busy.value = undefined
  }
  return html`<div class="actions" ref=${place}>
    ${possible.map(
      ({ type, kind }) =>
        html`<button key=${type} type="button" class=${kind} aria-disabled=${busy.value !== undefined}
          onClick=${() => press(type)}>${t(busy.value === type ? 'sending' : type)}</button>`,
    )}
    <p class="status" role="status" data-kind="danger">${problem.value}</p>
  </div>`
}

/**
 * When the button that has the focus goes, its panel gets it: the Tab key goes on from there.
 * @param {{ current: HTMLElement | null }} place
 * @param {string} names of the buttons
 */
function useFocus(place, names) {
  const pressed = useRef(false)
  useEffect(() => {
    const { current } = place
    const note = () => {
      pressed.current = true
    }
    current?.addEventListener('click', note)
    return () => current?.removeEventListener('click', note)
  }, [place])
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the buttons' change
  useEffect(() => {
    if (pressed.current && document.activeElement === document.body) {
      place.current?.closest('section')?.focus()
    }
    pressed.current = false
  }, [place, names])
}
