// @ts-check
/** An address for people: where it may break, and how it is copied. Any page's, also a plain one's. */

/**
 * An address that is too long for a line breaks after a slash.
 * @param {string} address
 */
export function partsOf(address) {
  return address.split(/(?<=\/)(?=[^/])/)
}

/**
 * Copies the text of `place`, which is selected then. A page on a plain-http network has no
 * clipboard: the old way copies what is selected. Without that, too, the person can.
 * @param {HTMLElement} place
 * @returns {Promise<boolean>} whether the browser did it
 */
export async function copy(place) {
  getSelection()?.selectAllChildren(place)
  try {
    await navigator.clipboard.writeText(place.textContent ?? '')
    return true
  } catch {
    return document.execCommand('copy')
  }
}
