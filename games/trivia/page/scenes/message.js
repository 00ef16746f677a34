// @ts-check
/** A whole page with words and a way out: while nothing is here yet, and when it is over. */

import { html } from '@machine-party/page'
import { partyPath } from '../model/place.js'
import { t } from '../strings.js'

/** @typedef {import('../types.js').Place} Place */

/** @param {{ slow: boolean }} props */
export function Connecting({ slow }) {
  return html`<main class="scene message" id="main">
    <div class="column narrow card" role="status">
      <div class="spinner" aria-hidden="true"></div>
      <h1 tabindex="-1">${t('connectingTitle')}</h1>
      <p>${t(slow ? 'connectingSlow' : 'connectingBody')}</p>
    </div>
  </main>`
}

/**
 * @param {{ place: Place, ending: import('../logic/ending.js').Ending, reason: string,
 *   onAgain: () => void, onRejoin: () => void }} props
 */
export function Ended({ place, ending, reason, onAgain, onRejoin }) {
  return html`<main class="scene message" id="main">
    <div class="column narrow card">
      <h1 tabindex="-1">${t(ending.title)}</h1>
      <p>${t(ending.body, { room: place.room ?? '', reason })}</p>
      <div class="row">
        ${
          ending.button &&
          html`<button type="button" class="primary" onClick=${ending.way === 'rejoin' ? onRejoin : onAgain}>${t(ending.button)}</button>`
        }
        <a class="button" href=${partyPath(place)}>${t('makeAnother')}</a>
      </div>
    </div>
  </main>`
}
