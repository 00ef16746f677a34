// @ts-check
/** The states that a payment can be in, the present one marked. */

import { html } from '@machine-party/page'
import { STEPS } from '../logic/scene.js'
import { t } from '../strings.js'

/** @param {{ id: string, view: import('../types.js').PaymentView }} props */
export function Steps({ id, view }) {
  return html`<div class="stack-s">
    <h3 id=${id} class="caption">${t('stepsTitle')}</h3>
    <ul class="steps" aria-labelledby=${id}>
      ${STEPS.map(
        ({ state, name }) =>
          html`<li aria-current=${view.matches(state) ? 'step' : undefined}>${t(name)}</li>`,
      )}
    </ul>
  </div>`
}
