// @ts-check
/**
 * Keeps a façade connected: carries messages, watches the socket, connects again.
 *
 * What must not be here: what the messages mean (ClientSync knows), or what the program is shown
 * (facade.js).
 *
 * @import { Codec } from './protocol/codec.js'
 * @import { ServerError, ServerMessage } from './protocol/message.d.ts'
 * @import { Backoff, Delay } from './reconnect.js'
 */
import { Closed } from './closed.js'
import { Heartbeat } from './heartbeat.js'
import { LIMITS } from './protocol/table.js'
import { ServerTime } from './server-time.js'
import { report } from './store.js'
import { Transport } from './transport.js'
import { watchWakes } from './wake.js'

/** RFC 6455's "internal error": a bug of ours. */
const INTERNAL = 1011
/** The longest id that a send can get. */
const LAST = `${'f'.repeat(16)}.${'9'.repeat(15)}`
/** Milliseconds that a server has to welcome this client, as in the Python façade. */
const WELCOME = 10_000
/** Milliseconds after its welcome that a connection counts as one that held. */
const HELD = 5_000
/** Milliseconds that an open socket has to prove itself when the page is back, with its user. */
const WAKE = 2_000

/**
 * Who uses a connection.
 *
 * @typedef {object} Handlers
 * @property {(message: ServerMessage) => void} receive called with each message of the server
 * @property {() => void} lost the connection is gone, and comes back by itself
 * @property {(closed: Closed) => void} ended it is gone for good
 */

/** One façade's connection, through all its sockets. */
export class Connection {
  #codec
  #sync
  #backoff
  #handlers
  #transport
  #heartbeat
  #stopWatching
  #time = new ServerTime()
  /** When the hello and the pings were sent that have no answer yet, oldest first. @type {number[]} */
  #asked = []
  #began = 0
  /** @type {number | undefined} */
  #welcomed
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience
  /** Whether somebody has come back to the page while this socket was open, and is waiting. */
  #watched = false
  /** What the server said was wrong, on this socket. @type {ServerError | undefined} */
  #error

  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {new (url: string, protocols: string[]) => WebSocket} parts.WebSocket
   * @param {Codec} parts.codec
   * @param {import('./protocol/client-sync.js').ClientSync} parts.sync is told of each connect and disconnect
   * @param {Backoff} parts.backoff
   * @param {Handlers} handlers
   */
  constructor({ url, WebSocket, codec, sync, backoff }, handlers) {
    this.#codec = codec
    this.#sync = sync
    this.#backoff = backoff
    this.#handlers = handlers
    this.#heartbeat = new Heartbeat(
      () => this.#ping(),
      () => this.#dead(),
    )
    this.#transport = new Transport(url, codec.subprotocol, WebSocket, {
      connecting: () => this.#connecting(),
      opened: () => this.#opened(),
      received: (data) => this.#received(data),
      lost: (closeCode, reason) => this.#lost(closeCode, reason),
    })
    this.#stopWatching = watchWakes((reason) => this.#woken(reason))
  }

  /** The server's clock, epoch milliseconds. */
  serverNow() {
    return this.#time.now(Date.now())
  }

  /**
   * Refuses what could not be sent, or would end the connection instead of being answered.
   *
   * @param {{ type: string }} event
   * @param {string | undefined} child
   * @throws {TypeError} if it is larger than a message may be
   */
  check(event, child) {
    const data = this.#codec.encode({ type: 'party.sendTo', actorId: child ?? '', event, id: LAST })
    const size = typeof data === 'string' ? new TextEncoder().encode(data).length : data.length
    const most = LIMITS.messageBytes
    if (size > most) throw new TypeError(`event makes a message of ${size} bytes; at most ${most}`)
  }

  /** There may be something to send. */
  flush() {
    for (const message of this.#sync.messagesToSend()) {
      this.#transport.send(this.#codec.encode(message))
      this.#heartbeat.expect()
    }
  }

  /** Ends it; no handler is called any more. */
  close() {
    this.#rest()
    this.#stopWatching()
    this.#transport.close()
  }

  #connecting() {
    this.#began = performance.now()
    this.#error = undefined
  }

  #opened() {
    this.#asked = [Date.now()]
    this.#patience = setTimeout(() => this.#abandon(`no welcome within ${WELCOME} ms`), WELCOME)
    this.#sync.connected()
    this.flush()
  }

  #received(/** @type {string | ArrayBuffer} */ data) {
    this.#heartbeat.heard()
    const message = this.#decode(data)
    if (message === undefined) return
    try {
      this.#take(message)
    } catch (error) {
      report(error)
      this.#end(new Closed(INTERNAL, `the façade failed: ${error}`))
    }
  }

  /** @type {(data: string | ArrayBuffer) => ServerMessage | undefined} */
  #decode(data) {
    try {
      return /** @type {ServerMessage} */ (this.#codec.decode(data))
    } catch (error) {
      report(error)
      this.#abandon('the server sent something that is not a message')
    }
  }

  #take(/** @type {ServerMessage} */ message) {
    if (message.type === 'party.welcome') this.#welcome()
    if (message.type === 'party.welcome' || message.type === 'party.pong') this.#sample(message.now)
    if (message.type === 'party.error') this.#error = message
    this.#handlers.receive(message)
    this.flush()
  }

  #welcome() {
    if (this.#welcomed !== undefined) return
    clearTimeout(this.#patience)
    this.#welcomed = performance.now()
    this.#time = new ServerTime()
    this.#heartbeat.start()
    // A welcome may have waited for the room to be made; a pong tells the time better.
    this.#ping()
  }

  #ping() {
    this.#asked.push(Date.now())
    this.#transport.send(this.#codec.encode({ type: 'party.ping' }))
  }

  #sample(/** @type {number} */ now) {
    const asked = this.#asked.shift()
    if (asked !== undefined) this.#time.sample(now, asked, Date.now())
  }

  /** @type {(closeCode: number, reason: string) => Delay | undefined} */
  #lost(closeCode, reason) {
    const held = this.#welcomed !== undefined && performance.now() - this.#welcomed >= HELD
    if (held) this.#backoff.succeeded()
    this.#rest()
    this.#sync.disconnected()
    const delay = this.#backoff.delay(closeCode, 1000 * (this.#error?.retry_after ?? 0))
    if (delay === undefined) this.#end(this.#closed(closeCode, reason))
    else this.#handlers.lost()
    return delay
  }

  #dead() {
    const hurry = this.#watched
    this.#abandon('the server does not answer')
    if (hurry) this.#transport.hurry()
  }

  #woken(/** @type {'page' | 'clock' | 'press'} */ reason) {
    // Who presses something while it waits wants it now. A socket that is open is not doubted.
    if (reason === 'press') return this.#transport.hurry()
    if (reason === 'clock') this.#time.doubt()
    this.#watched = true
    if (this.#welcomed !== undefined) this.#heartbeat.ask(WAKE)
    else if (performance.now() - this.#began > WAKE) this.#abandon('the page was away')
    this.#transport.hurry()
  }

  #abandon(/** @type {string} */ reason) {
    this.#transport.abandon(reason)
  }

  /** No timer runs without a socket. */
  #rest() {
    clearTimeout(this.#patience)
    this.#heartbeat.stop()
    this.#welcomed = undefined
    this.#watched = false
  }

  #end(/** @type {Closed} */ closed) {
    this.close()
    this.#handlers.ended(closed)
  }

  #closed(/** @type {number} */ closeCode, /** @type {string} */ reason) {
    return new Closed(closeCode, reason || (this.#error?.reason ?? ''), this.#error?.code)
  }
}
