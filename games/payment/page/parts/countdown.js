// @ts-check
/** The time that is left, in whole seconds and as a bar, on the server's clock. */

import { html } from '@machine-party/page'
import { useEffect, useRef, useState } from 'preact/hooks'
import { nextChange, secondsLeft } from '../logic/time.js'
import { t } from '../strings.js'

/** Seconds that are left when somebody who does not see the time is told so. */
const REMINDER = 5

/**
 * @param {{ desk: import('../types.js').Desk, view: import('../types.js').PaymentView,
 *   speaks: boolean }} props speaks: to screen readers
 */
export function Countdown({ desk, view, speaks }) {
  const { deadline, duration } = view.context
  const n = useSeconds(desk, deadline, duration)
  const begun = useRef(n)
  const isRetry = view.hasTag('moving')
  // A server that is down does not ask the bank; but the payer's time goes on meanwhile.
  if (n === undefined || (isRetry && desk.connection.value === 'reconnecting')) return null
  const text = wordsOf(n, isRetry)
  const isReminded = !isRetry && (begun.current ?? 0) > REMINDER && n <= REMINDER && n > 0
  return html`<div class="countdown">
    <p class="number">${text}</p>
    <progress max=${duration} value=${n * 1000} aria-label=${text}></progress>
    ${speaks && html`<p class="visually-hidden" role="status">${isReminded ? t('secondsLeft', { n: REMINDER }) : ''}</p>`}
  </div>`
}

/**
 * @param {number} n seconds
 * @param {boolean} isRetry
 */
function wordsOf(n, isRetry) {
  if (n > 0) return t(isRetry ? 'askedAgain' : 'secondsLeft', { n })
  return t(isRetry ? 'askedNow' : 'timeIsUp')
}

/**
 * Whole seconds that are left, drawn again when they change; undefined: no clock runs.
 * @param {import('../types.js').Desk} desk
 * @param {number | null} deadline
 * @param {number | null} duration
 */
function useSeconds(desk, deadline, duration) {
  const [, redraw] = useState(0)
  useEffect(() => {
    const change = deadline === null ? undefined : nextChange(deadline, desk.now())
    if (change === undefined) return undefined
    // A little later: a timer that is early would draw the same second again.
    const timer = setTimeout(() => redraw((count) => count + 1), change + 5)
    return () => clearTimeout(timer)
  })
  if (deadline === null || duration === null) return undefined
  return secondsLeft(deadline, duration, desk.now())
}
