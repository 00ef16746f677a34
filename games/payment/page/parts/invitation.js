// @ts-check
/** For the admin: how the payer gets here. */

import { html } from '../html.js'
import { roomPath } from '../model/place.js'
import { t } from '../strings.js'
import { Address } from './address.js'
import { Heading } from './heading.js'

/** @param {{ place: import('../types.js').Place }} props */
export function Invitation({ place }) {
  const { address } = place
  return html`<section class="card invitation" aria-labelledby="invite">
    <img class="qr" src="${roomPath(place)}/qr.svg" alt=${t('qrAlt', { address })} width="120" height="120" />
    <div class="stack">
      <${Heading} level="h2" id="invite" class="card-title">${t('inviteTitle')}<//>
      <p class="muted">${t('inviteLead')}</p>
      <${Address} address=${address} />
      <p><a class="button" href="${roomPath(place)}#user" target="_blank" rel="noopener">${t('openUser')}</a></p>
    </div>
  </section>`
}
