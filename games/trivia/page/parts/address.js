// @ts-check
/** An address that is handed out: how it is shown, and the button that copies it. */

import { useRef, useState } from 'preact/hooks'
import { html } from '../html.js'
import { t } from '../strings.js'

/**
 * The address, and a button that copies it; without a clipboard (plain http) it is selected.
 * @param {{ address: string, icon?: unknown }} props icon: of the button
 */
export function Address({ address, icon }) {
  const text = useRef(/** @type {HTMLElement | null} */ (null))
  const [said, say] = useState('')
  const copy = async () => {
    if (text.current) getSelection()?.selectAllChildren(text.current)
    say((await isCopied(address)) ? t('copied') : t('copyFailed'))
  }
  return html`<div class="stack address">
    <div>
      <p class="caption">${t('address')}</p>
      <p ref=${text} class="address-text" dir="ltr"><${Broken} address=${address} /></p>
    </div>
    <button type="button" onClick=${copy}>${icon}${t('copy')}</button>
    <p class="status" role="status">${said}</p>
  </div>`
}

/**
 * An address that is too long for a line breaks after a slash.
 * @param {{ address: string }} props
 */
export function Broken({ address }) {
  const parts = address.split(/(?<=\/)(?=[^/])/)
  return html`<bdi class="url">${parts.map((part) => html`${part}<wbr />`)}</bdi>`
}

/** @param {string} text what is to be copied; the old way copies what is selected */
async function isCopied(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return document.execCommand('copy')
  }
}
