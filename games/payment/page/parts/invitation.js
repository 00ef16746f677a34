// @ts-check
/** For the admin: how the payer gets here. */

import { Address, html } from '@machine-party/page'
import { roomPath } from '../model/place.js'
import { t } from '../strings.js'
import { Heading } from './heading.js'

/**
 * What stands around the address.
 * @type {import('@machine-party/page').Words}
 */
const WORDS = {
  address: t('address'),
  copy: t('copy'),
  copied: t('copied'),
  copyFailed: t('copyFailed'),
}

/** @param {{ place: import('../types.js').Place }} props */
export function Invitation({ place }) {
  const { address } = place
  return html`<section class="card invitation" aria-labelledby="invite">
    <img class="qr" src="${roomPath(place)}/qr.svg" alt=${t('qrAlt', { address })} width="120" height="120" />
    <div class="stack">
      <${Heading} level="h2" id="invite" class="card-title">${t('inviteTitle')}<//>
      <p class="muted">${t('inviteLead')}</p>
      <${Address} address=${address} words=${WORDS} />
      <p><a class="button" href="${roomPath(place)}#user" target="_blank" rel="noopener">${t('openUser')}</a></p>
    </div>
  </section>`
}
