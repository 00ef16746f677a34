// @ts-check
/**
 * What a client does after its connection was closed. The rules are in `table.js`.
 */

import { RECONNECT } from './table.js'

/** @typedef {'never' | 'later' | 'now'} Reconnect */

/**
 * What to do after a close with `closeCode`: `never` reconnect unchanged, reconnect `later`
 * (after at least a second, with backoff), or `now` (only the first delay is jittered).
 *
 * @param {number} closeCode
 * @returns {Reconnect}
 */
export function reconnectAfter(closeCode) {
  const rule = RECONNECT.find(({ first, last }) => first <= closeCode && closeCode <= last)
  return rule ? rule.reconnect : 'now'
}
