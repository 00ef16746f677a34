// @ts-check
/** The time that is left, in whole seconds and as a bar, on the server's clock. */

import { useEffect, useState } from 'preact/hooks'
import { html } from '../html.js'
import { nextChange, secondsLeft } from '../logic/time.js'
import { t } from '../strings.js'

/** @param {{ desk: import('../types.js').Desk, view: import('../types.js').PaymentView }} props */
export function Countdown({ desk, view }) {
  const { deadline, duration } = view.context
  const [, redraw] = useState(0)
  useEffect(() => {
    const change = deadline === null ? undefined : nextChange(deadline, desk.now())
    if (change === undefined) return undefined
    // A little later: a timer that is early would draw the same second again.
    const timer = setTimeout(() => redraw((count) => count + 1), change + 5)
    return () => clearTimeout(timer)
  })
  if (deadline === null || duration === null) return null
  const n = secondsLeft(deadline, duration, desk.now())
  const text = t(view.hasTag('moving') ? 'askedAgain' : 'secondsLeft', { n })
  return html`<div class="countdown">
    <p class="number">${text}</p>
    <progress max=${duration} value=${n * 1000} aria-label=${text}></progress>
  </div>`
}
