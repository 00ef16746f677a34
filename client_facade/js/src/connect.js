// @ts-check
/**
 * `connect`: puts a façade together from its parts.
 *
 * @import { AnyParty, ConnectOptions, Facade, Party } from '../index.js'
 */
import { websocketUrl } from './address.js'
import { Connection } from './connection.js'
import { LiveFacade } from './facade.js'
import { copyJson } from './json.js'
import { ClientSync } from './protocol/client-sync.js'
import { codecFor } from './protocol/codec.js'
import { Backoff } from './reconnect.js'

/**
 * A façade of the room at `url`, which connects in the background and stays connected.
 *
 * @template {Party} [P=AnyParty]
 * @param {string | URL} url
 * @param {ConnectOptions & { random?: () => number }} [options] `random` is for tests
 * @returns {Facade<P>}
 */
export function connect(url, options = {}) {
  const address = websocketUrl(url)
  const WebSocket = webSocketClass(options.WebSocket)
  const { token, name, sections, mode } = options
  const meta = metaOf(options)
  const sync = new ClientSync({ token, name, meta, sections, mode, clientId: drawClientId() })
  const codec = codecFor(options.codec ?? 'msgpack')
  const backoff = new Backoff(options.random ?? Math.random)
  return new LiveFacade(sync, options.initial, (handlers) => {
    return new Connection({ url: address, WebSocket, codec, sync, backoff }, handlers)
  })
}

/** @type {(options: ConnectOptions) => { readonly [key: string]: unknown } | undefined} */
function metaOf({ meta, role }) {
  const whole = role === undefined ? meta : { ...meta, role }
  // Now, and not with each hello: what cannot travel is the caller's mistake.
  return whole && /** @type {any} */ (copyJson(whole, 'meta'))
}

/** @returns {new (url: string, protocols: string[]) => WebSocket} */
function webSocketClass(/** @type {unknown} */ given) {
  const found = given ?? globalThis.WebSocket
  if (typeof found === 'function') return /** @type {any} */ (found)
  throw new TypeError(
    "there is no WebSocket here; in Node 20, `import { WebSocket } from 'ws'` and connect(url, { WebSocket })",
  )
}

/** 64 random bits as 16 hex digits. (There is no crypto.randomUUID on pages over plain http.) */
function drawClientId() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(8))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
