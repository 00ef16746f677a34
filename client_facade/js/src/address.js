// @ts-check
/** Where a room is: what `connect` was given, as the address of a WebSocket. */

/** @type {Record<string, string>} */
const SCHEMES = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }

/**
 * The WebSocket URL that `url` means: relative to this page, if there is one.
 *
 * @param {string | URL} url
 * @returns {string}
 * @throws {TypeError} if it is none
 */
export function websocketUrl(url) {
  const whole = parse(url)
  const scheme = SCHEMES[whole.protocol]
  if (scheme === undefined) throw new TypeError(`"${url}" is no address of a room; ${USAGE}`)
  whole.protocol = scheme
  whole.hash = '' // a WebSocket's constructor refuses one
  return whole.href
}

const USAGE = 'write ws://host/parties/{party}/{room}, or on a page /parties/{party}/{room}'

/** @param {string | URL} url */
function parse(url) {
  try {
    return new URL(url, globalThis.location?.href)
  } catch {
    throw new TypeError(`"${url}" is no address; ${USAGE}`)
  }
}
