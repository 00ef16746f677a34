// @ts-check
// An address on a plain page: how it is shown, and the button that copies it.

import { copy, partsOf } from './page/url.js'

/**
 * Copies the text of `source` when `button` is pressed, and says so in `status`.
 * @param {HTMLElement} button @param {HTMLElement} source @param {HTMLElement} status
 */
export function copyOnClick(button, source, status) {
  button.addEventListener('click', async () => {
    status.textContent = (await copy(source))
      ? 'The address is copied.'
      : 'The address is selected: copy it with your keyboard or your finger.'
  })
}

/**
 * Shows an address that may break after each slash, and is copied without a trace of it.
 * @param {HTMLElement} place @param {string} url
 */
export function showAddress(place, url) {
  const parts = partsOf(url).flatMap((part) => [part, document.createElement('wbr')])
  place.replaceChildren(...parts)
}
