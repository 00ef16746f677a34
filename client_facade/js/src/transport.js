// @ts-check
/**
 * How bytes travel: one WebSocket after the other to one address, on partysocket.
 *
 * partysocket opens sockets, gives up on those that do not open in time, and takes their listeners
 * off; when to connect again is decided here and above. What must not be here: what the bytes mean
 * (connection.js), and how long to wait (reconnect.js).
 *
 * What partysocket 1.3 does that this file is built around:
 *
 * - It waits before it asks for the address. Its own delays are set to 0, and ours pass there.
 * - On an `error`, a timeout, or `reconnect()` it lets go of the socket and makes a close event of
 *   its own with code 1000, which would mean "for good". Such an event has no target.
 * - `reconnect()` on a socket that is closing already tells nobody that it is gone.
 * - `reconnect()` while an address is awaited does nothing: that wait has to be cut short instead.
 * - It keeps what is sent to a socket that is not open, and flushes it before anybody is told that
 *   the next one is: before our hello. So nothing is given to it then, and its queue has no room.
 * - Without a socket there is no close event: a constructor that throws would be tried again for
 *   ever, with nobody told.
 *
 * @import { Delay } from './reconnect.js'
 */
import ReconnectingWebSocket from '../vendor/partysocket.js'
import { LONGEST } from './timer.js'

/** RFC 6455, 7.1.5: the connection ended without a close frame. */
const ABNORMAL = 1006
/** What a wrong address means: not to try it again (docs/protocol.md, close codes). */
const MALFORMED = 4001
/** Milliseconds that a handshake may take, as in the Python façade. */
const OPEN_TIMEOUT = 10_000
/** Milliseconds for the other side's goodbye, where a socket can be ended without (Node). */
const GOODBYE = 1000

/**
 * Who uses a transport. `lost` is called once for each socket, whether it was open or not, and
 * says when to try again; undefined: never.
 *
 * @typedef {object} Handlers
 * @property {() => void} connecting
 * @property {() => void} opened
 * @property {(data: string | ArrayBuffer) => void} received
 * @property {(closeCode: number, reason: string) => Delay | undefined} lost
 */

/** @typedef {WebSocket & { terminate?: () => void }} Socket that of Node's `ws` can be terminated */

export class Transport {
  #url
  #handlers
  #sockets
  /** @type {Socket | undefined} the one that has not been lost yet */
  #socket
  /** When the next attempt may begin at the earliest, and when it will. Of performance.now(). */
  #earliest = 0
  #due = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** @type {((url: string) => void) | undefined} ends the wait for the address */
  #proceed
  #over = false

  /**
   * Begins to connect.
   *
   * @param {string} url
   * @param {string} subprotocol
   * @param {new (url: string, protocols: string[]) => WebSocket} WebSocket
   * @param {Handlers} handlers
   */
  constructor(url, subprotocol, WebSocket, handlers) {
    this.#url = url
    this.#handlers = handlers
    this.#sockets = new ReconnectingWebSocket(() => this.#address(), [subprotocol], {
      WebSocket: new Proxy(WebSocket, {
        construct: (_, [url, protocols]) => this.#open(WebSocket, url, protocols),
      }),
      connectionTimeout: OPEN_TIMEOUT,
      minReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      maxEnqueuedMessages: 0,
      shouldReconnectOnClose: (event) => this.#closed(event),
    })
    this.#sockets.binaryType = 'arraybuffer'
    this.#sockets.onopen = () => handlers.opened()
    this.#sockets.onmessage = ({ data }) => handlers.received(data)
  }

  /**
   * Sends one message; does nothing if the socket is not open.
   *
   * @param {string | Uint8Array} data
   */
  send(data) {
    if (this.#socket !== undefined)
      this.#sockets.send(/** @type {string | Uint8Array<ArrayBuffer>} */ (data))
  }

  /**
   * Lets go of the present socket and connects anew. It does not wait for a goodbye: there may be
   * nobody who could say it.
   *
   * @param {string} reason
   */
  abandon(reason) {
    const socket = this.#socket
    if (socket === undefined) return
    this.#lose(ABNORMAL, reason)
    if (!this.#over) this.#sockets.reconnect()
    socket.terminate?.()
  }

  /** Tries now what would be tried later, or as soon as the server allows it. */
  hurry() {
    this.#due = this.#earliest
    this.#wait()
  }

  /** Closes for good; no handler is called any more. */
  close() {
    const socket = this.#socket
    this.#over = true
    this.#socket = undefined
    this.#sockets.close()
    this.#arrive()
    if (socket !== undefined) partFrom(socket)
  }

  /** @type {(WebSocket: new (url: string, protocols: string[]) => WebSocket, url: string, protocols: string[]) => WebSocket} */
  #open(WebSocket, url, protocols) {
    this.#handlers.connecting()
    try {
      this.#socket = new WebSocket(url, protocols)
      return this.#socket
    } catch (error) {
      this.#lose(MALFORMED, String(error))
      throw error
    }
  }

  /** Whether to connect again after a close event: of the socket, or one of partysocket's own. */
  #closed(/** @type {CloseEvent} */ event) {
    // Lost already: it was abandoned.
    if (this.#socket !== undefined) {
      const made = event.target === null
      this.#lose(made ? ABNORMAL : event.code, made ? 'the connection failed' : event.reason)
    }
    return !this.#over
  }

  /** @type {(closeCode: number, reason: string) => void} */
  #lose(closeCode, reason) {
    this.#socket = undefined
    const delay = this.#handlers.lost(closeCode, reason)
    if (delay === undefined) return this.#end()
    this.#earliest = performance.now() + delay.floor
    this.#due = this.#earliest + delay.jitter
  }

  #end() {
    this.#over = true
    this.#sockets.close()
  }

  /** The address, once it is time. @returns {Promise<string>} */
  #address() {
    return new Promise((resolve) => {
      this.#proceed = resolve
      // partysocket asks even after close(), if that came while it waited for its own timer.
      if (this.#over) this.#arrive()
      else this.#wait()
    })
  }

  #wait() {
    if (this.#proceed === undefined) return
    clearTimeout(this.#timer)
    const left = this.#due - performance.now()
    if (left <= 0) this.#arrive()
    else this.#timer = setTimeout(() => this.#wait(), Math.min(left, LONGEST))
  }

  #arrive() {
    clearTimeout(this.#timer)
    this.#proceed?.(this.#url)
    this.#proceed = undefined
  }
}

/** A socket of `ws` waits 30 s for its goodbye, and keeps the process alive meanwhile. */
function partFrom(/** @type {Socket} */ socket) {
  if (socket.terminate === undefined || socket.readyState === socket.CLOSED) return
  const timer = setTimeout(() => socket.terminate?.(), GOODBYE)
  socket.addEventListener('close', () => clearTimeout(timer))
}
