// @ts-check
/** How others get in: the QR code, the address, the room's code. */

import { Address, Broken, html } from '@machine-party/page'
import { roomPath, spoken } from '../model/place.js'
import { t } from '../strings.js'
import { Icon } from './icon.js'

/** @typedef {import('../types.js').Place} Place */

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

/** @param {{ place: Place, alt?: boolean }} props */
function Qr({ place, alt = true }) {
  const text = alt ? t('qrAlt', { address: place.address }) : ''
  return html`<img class="qr" src="${roomPath(place)}/qr.svg" alt=${text} width="400" height="400" />`
}

/**
 * Large, for the big screen's lobby.
 * @param {{ place: Place }} props
 */
export function JoinCard({ place }) {
  return html`<div class="join-card card">
    <p class="join-scan">${t('scan')}</p>
    <${Qr} place=${place} />
  </div>`
}

/**
 * What is typed by who cannot scan.
 * @param {{ place: Place }} props
 */
export function JoinWords({ place }) {
  return html`<dl class="join-words">
    <div><dt>${t('orOpen')}</dt><dd><${Url} address=${place.address} /></dd></div>
    <div><dt>${t('roomCode')}</dt><dd class="code">${place.room}</dd></div>
  </dl>`
}

/**
 * An address as it is typed.
 * @param {{ address: string }} props
 */
function Url({ address }) {
  return html`<${Broken} address=${spoken(address)} />`
}

/**
 * Small, during play: people may join at any time.
 * @param {{ place: Place }} props
 */
export function JoinHint({ place }) {
  return html`<div class="join-hint">
    <${Qr} place=${place} alt=${false} />
    <p>
      <span class="muted">${t('joinHint')}</span>
      <${Url} address=${place.address} />
      <span class="visually-hidden">${t('roomCode')}</span>
      <b class="join-hint-code">${place.room}</b>
    </p>
  </div>`
}

/**
 * For the host: everything there is to invite people with.
 * @param {{ place: Place }} props
 */
export function Invitation({ place }) {
  return html`<div class="invitation">
    <${Qr} place=${place} />
    <div class="stack">
      <div>
        <p class="caption">${t('roomCode')}</p>
        <p class="code">${place.room}</p>
      </div>
      <${Address} address=${place.address} words=${WORDS} icon=${html`<${Icon} name="copy" />`} />
      <a class="button" href="#screen" target="_blank" rel="noopener">
        <${Icon} name="screen" />${t('openScreen')}
      </a>
    </div>
  </div>`
}
