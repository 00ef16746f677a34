// @ts-check
/** An address that is handed out: how it is shown, and the button that copies it. */

import { useRef, useState } from 'preact/hooks'
import { html } from './html.js'
import { copy, partsOf } from './url.js'

/**
 * What is said: above the address, on the button, and once it is copied or only selected.
 * @typedef {{ readonly address: string, readonly copy: string, readonly copied: string,
 *   readonly copyFailed: string }} Words
 */

/**
 * The address, and a button that copies it.
 * @param {{ address: string, words: Words, icon?: unknown }} props icon: of the button
 */
export function Address({ address, words, icon }) {
  const text = useRef(/** @type {HTMLElement | null} */ (null))
  const [said, say] = useState('')
  const press = async () => {
    if (text.current) say((await copy(text.current)) ? words.copied : words.copyFailed)
  }
  return html`<div class="stack address">
    <div>
      <p class="caption">${words.address}</p>
      <p ref=${text} class="address-text" dir="ltr"><${Broken} address=${address} /></p>
    </div>
    <button type="button" onClick=${press}>${icon}${words.copy}</button>
    <p class="status" role="status">${said}</p>
  </div>`
}

/**
 * An address that may break after each slash.
 * @param {{ address: string }} props
 */
export function Broken({ address }) {
  return html`<bdi class="url">${partsOf(address).map((part) => html`${part}<wbr />`)}</bdi>`
}
