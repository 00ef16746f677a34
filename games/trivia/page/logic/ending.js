// @ts-check
/** What is told to whom cannot come in or cannot stay, and what they can do about it. */

/** @typedef {import('../strings.js').Key} Key */
/** @typedef {'again' | 'rejoin' | 'make'} WayOut  the same seat; a new seat; one's own room */

/**
 * @typedef {object} Ending
 * @property {Key} title
 * @property {Key} body
 * @property {Key} [button]  what the way out is called
 * @property {WayOut} way
 */

/** @type {{ readonly [code: string]: Ending }} */
const ENDINGS = {
  kicked: { title: 'kickedTitle', body: 'kickedBody', button: 'newName', way: 'rejoin' },
  room_full: { title: 'fullTitle', body: 'fullBody', button: 'tryAgain', way: 'again' },
  not_found: { title: 'missingTitle', body: 'missingBody', way: 'make' },
  bad_token: { title: 'staleTitle', body: 'staleBody', button: 'joinAgain', way: 'rejoin' },
  unauthenticated: { title: 'staleTitle', body: 'staleBody', button: 'joinAgain', way: 'rejoin' },
  rate_limited: { title: 'limitedTitle', body: 'limitedBody', button: 'tryAgain', way: 'again' },
}

/**
 * The close codes of the protocol that say why, for a connection that ended without an error.
 * @type {{ readonly [closeCode: number]: string }}
 */
const CODES = {
  4003: 'unauthenticated',
  4004: 'bad_token',
  4006: 'kicked',
  4010: 'not_found',
  4011: 'room_full',
}

/** The close code of a connection that a newer one of the same member has replaced. */
const REPLACED = 4007

/** @type {Ending} */
const ELSEWHERE = {
  title: 'elsewhereTitle',
  body: 'elsewhereBody',
  button: 'useHere',
  way: 'again',
}
/** @type {Ending} */
const OVER = { title: 'endedTitle', body: 'endedBody', button: 'tryAgain', way: 'again' }
/** @type {Ending} */
export const BROKEN = { title: 'brokenTitle', body: 'brokenBody', way: 'make' }

/**
 * @param {{ readonly code: string, readonly closeCode: number }} closed
 * @returns {Ending}
 */
export function endingOf(closed) {
  if (closed.closeCode === REPLACED) return ELSEWHERE
  const code = Object.hasOwn(ENDINGS, closed.code) ? closed.code : CODES[closed.closeCode]
  return ENDINGS[code ?? ''] ?? OVER
}
