// @ts-check
/** What has happened to the payment, the latest last. */

import { html } from '@machine-party/page'
import { logOf } from '../logic/scene.js'
import { moment, t } from '../strings.js'

/** @typedef {import('../types.js').Line} Line */
/** @typedef {import('../strings.js').Key} Key */

/** @type {Record<Line['code'], Key | { payer: Key, admin: Key }>} */
const WORDS = {
  created: 'logCreated',
  confirmed: 'logConfirmed',
  timed_out: 'logTimedOut',
  approved: { payer: 'logApprovedPayer', admin: 'logApprovedAdmin' },
  rejected: { payer: 'logRejectedPayer', admin: 'logRejectedAdmin' },
  withdrawn: 'logWithdrawn',
  debited: 'logDebited',
  debit_refused: 'logDebitRefused',
  credited: 'logCredited',
  unanswered: 'logUnanswered',
  gave_up: 'logGaveUp',
  refunded: 'logRefunded',
  nothing_taken: 'logNothingTaken',
}

/** @param {Line} line */
function wordsOf({ code, by }) {
  const words = WORDS[code]
  return t(typeof words === 'string' ? words : words[by === 'payer' ? 'payer' : 'admin'])
}

/** @param {{ id: string, view: import('../types.js').PaymentView }} props */
export function Log({ id, view }) {
  return html`<div class="stack-s">
    <h3 id=${id} class="caption">${t('logTitle')}</h3>
    <ol class="log" aria-labelledby=${id}>
      ${logOf(view).map(
        ([number, line]) => html`<li key=${number}>
          <time class="number muted" datetime=${new Date(line.at).toISOString()}>${moment(line.at)}</time>
          <span>${wordsOf(line)}</span>
        </li>`,
      )}
    </ol>
  </div>`
}
