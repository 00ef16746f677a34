// @ts-check
/** What this member may do now: a button for each event that the room would take. */

import { html, rest, resting, useLate } from '@machine-party/page'
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { refusalOf, situationOf } from '../logic/scene.js'
import { t } from '../strings.js'

/** @typedef {import('../types.js').Desk} Desk */
/** @typedef {import('../types.js').PaymentView} PaymentView */
/** @typedef {import('../types.js').PaymentEvent['type']} Type */

/** @type {readonly { type: Type, kind: string }[]} */
const EVENTS = [
  { type: 'confirm', kind: 'primary' },
  { type: 'approve', kind: 'primary' },
  { type: 'reject', kind: 'danger' },
  { type: 'cancel', kind: 'danger' },
]

/** A receipt that is not here by then will take longer: the network is away, noticed or not. */
const LATE_MS = 2_000

/** @param {{ desk: Desk, view: PaymentView }} props */
export function Actions({ desk, view }) {
  const busy = useSignal(/** @type {Type | undefined} */ (undefined))
  const problem = useSignal({ text: '', of: '' })
  const possible = EVENTS.filter(({ type }) => view.can(type))
  useRest(possible.map(({ type }) => type).join())
  const isLate = useLate(busy.value !== undefined, LATE_MS)
  const isAway = desk.connection.value === 'reconnecting'
  /** @param {Type} type @param {MouseEvent} event */
  const press = async (type, event) => {
    // A key has no second press on another button: the focus has gone to the panel. Its `detail` is 0.
    if (busy.value || (resting.value && event.detail > 0)) return
    busy.value = type
    problem.value = { text: '', of: '' }
    rest()
    const text = await outcome(desk, type)
    problem.value = { text, of: situationOf(desk.shown.value) }
    busy.value = undefined
  }
  return html`<div class="actions">
    ${possible.map(
      ({ type, kind }) =>
        html`<${Press} key=${type} kind=${kind} isOff=${busy.value !== undefined || resting.value}
          onPress=${(/** @type {MouseEvent} */ event) => press(type, event)}>
          ${t(busy.value === type ? 'sending' : type)}
        <//>`,
    )}
    <p class="status" role="status" data-kind="warning">${busy.value && (isAway || isLate) ? t('willBeSent') : ''}</p>
    <p class="status" role="status" data-kind="danger">${problem.value.of === situationOf(view) ? problem.value.text : ''}</p>
  </div>`
}

/**
 * Sends an event, and says what is wrong, if anything is.
 * @param {Desk} desk
 * @param {Type} type
 */
async function outcome(desk, type) {
  try {
    const receipt = await desk.send({ type })
    return receipt.code ? t(refusalOf(type, desk.shown.value)) : ''
  } catch (error) {
    return t('failedEvent', { reason: error instanceof Error ? error.message : '' })
  }
}

/**
 * Others than before rest, too: a press was meant for the button that was there.
 * @param {string} names of the buttons
 */
function useRest(names) {
  const before = useRef(names)
  useLayoutEffect(() => {
    if (before.current !== names) rest()
    before.current = names
  }, [names])
}

/**
 * A button; when it goes and has the focus, its panel gets it: the Tab key goes on from there.
 * @param {import('preact').RenderableProps<{ kind: string, isOff: boolean,
 *   onPress: (event: MouseEvent) => void }>} props
 */
function Press({ kind, isOff, onPress, children }) {
  const own = useRef(/** @type {HTMLButtonElement | null} */ (null))
  useLayoutEffect(
    () => () => {
      const button = own.current
      if (button && button === document.activeElement) button.closest('section')?.focus()
    },
    [],
  )
  return html`<button ref=${own} type="button" class=${kind} aria-disabled=${isOff} onClick=${onPress}>
    ${children}
  </button>`
}
