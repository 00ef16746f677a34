// @ts-check
// An address on a page: how it is shown, and the button that copies it.

/**
 * Copies the text of `source` when `button` is pressed, and says so in `status`. On a plain-http
 * network a page has no clipboard: then the text is selected, for the person to copy.
 * @param {HTMLElement} button @param {HTMLElement} source @param {HTMLElement} status
 */
export function copyOnClick(button, source, status) {
  button.addEventListener('click', async () => {
    if (await copied(source.textContent ?? '')) {
      status.textContent = 'The address is copied.'
      return
    }
    getSelection()?.selectAllChildren(source)
    status.textContent = 'The address is selected: copy it with your keyboard or your finger.'
  })
}

/** @param {string} text @returns {Promise<boolean>} whether the browser did it */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/**
 * Shows an address that may break after each slash, and is copied without a trace of it.
 * @param {HTMLElement} place @param {string} url
 */
export function showAddress(place, url) {
  const parts = url
    .split(/(?<=\/)(?=[^/])/)
    .flatMap((part) => [part, document.createElement('wbr')])
  place.replaceChildren(...parts)
}
