// @ts-check
/** How large a text may be written so that it fits: by its length, before any layout. */

/** @typedef {'xl' | 'l' | 'm' | 's' | 'xs'} Size */

/**
 * @param {string} text
 * @returns {Size}
 */
export function promptSize(text) {
  return sizeOf(text.length, [50, 110, 190, 320])
}

/**
 * The longest option decides for all of them: tiles of one question look alike.
 * @param {readonly string[]} options
 * @returns {Size}
 */
export function optionSize(options) {
  const longest = Math.max(0, ...options.map((each) => each.length))
  return sizeOf(longest * (options.length > 4 ? 2 : 1), [18, 40, 80, 160])
}

/**
 * @param {number} length
 * @param {readonly [number, number, number, number]} limits
 * @returns {Size}
 */
function sizeOf(length, limits) {
  const sizes = /** @type {const} */ (['xl', 'l', 'm', 's'])
  return sizes.find((_, index) => length <= (limits[index] ?? 0)) ?? 'xs'
}
