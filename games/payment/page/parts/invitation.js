// @ts-check
/** For the admin: how the payer gets here. */

import { html } from '../html.js'
import { roomPath } from '../model/place.js'
import { t } from '../strings.js'

/** @param {{ place: import('../types.js').Place }} props */
export function Invitation({ place }) {
  const { address } = place
  return html`<section class="card invitation" aria-labelledby="invite">
    <img class="qr" src="${roomPath(place)}/qr.svg" alt=${t('qrAlt', { address })} width="120" height="120" />
    <div class="stack">
      <h2 id="invite" class="card-title">${t('inviteTitle')}</h2>
      <p class="muted">${t('inviteLead')}</p>
      <p class="url" dir="ltr">${broken(address)}</p>
      <p><a class="button small" href="${roomPath(place)}#user" target="_blank" rel="noopener">${t('openUser')}</a></p>
    </div>
  </section>`
}

/**
 * An address that is too long for a line breaks after a slash.
 * @param {string} address
 */
function broken(address) {
  return address.split(/(?<=\/)(?=[^/])/).map((part) => html`${part}<wbr />`)
}
