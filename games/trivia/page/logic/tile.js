// @ts-check
/** Which tile a letter has: of the design system's, which differ in colour and shape. */

/** As many as there are. */
const TILES = 8

/**
 * 1 to 8.
 * @param {string} letter
 */
export function tileOf(letter) {
  return ((letter.charCodeAt(0) - 97) % TILES) + 1
}
