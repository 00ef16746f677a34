// @ts-check
/** Which names a player may take: the server's rules, so that mistakes are told while typing. */

const MAX_GRAPHEMES = 24
const MAX_BYTES = 96

/** Controls, private use, unassigned, separators, and formats except the two joiners. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/gu
const VISIBLE = /[^\p{M}\s]/u

/**
 * The name as the server will write it: NFC, trimmed, inner spaces folded.
 * @param {string} text
 */
export function cleanName(text) {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim()
}

/**
 * What is wrong with a name: a key of `strings.js`, or undefined.
 * @param {string} text
 * @returns {'nameEmpty' | 'nameLong' | 'nameOdd' | undefined}
 */
export function nameMistake(text) {
  const name = cleanName(text)
  if (!name) return 'nameEmpty'
  if (FORBIDDEN.test(name)) return 'nameOdd'
  if (!VISIBLE.test(name.replace(INVISIBLE, ''))) return 'nameOdd'
  const bytes = new TextEncoder().encode(name).length
  return graphemes(name) > MAX_GRAPHEMES || bytes > MAX_BYTES ? 'nameLong' : undefined
}

/**
 * How many characters a reader sees.
 * @param {string} text
 */
export function graphemes(text) {
  if (!('Segmenter' in Intl)) return [...text].length
  return [...new Intl.Segmenter().segment(text)].length
}
