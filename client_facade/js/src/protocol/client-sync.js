// @ts-check
/**
 * The client's half of the protocol: mirrors the document and keeps every send until answered.
 *
 * Pure: no sockets, no clock, no timers. The façade feeds it what came in, writes what
 * `messagesToSend` returns and tells its users of the notices.
 */

import { QueueFull } from './error.js'
import { conflict, Mirror } from './mirror.js'
import { LIMITS } from './table.js'

/** @typedef {import('./message.d.ts').Chunk} Chunk */
/** @typedef {import('./message.d.ts').ClientMessage} ClientMessage */
/** @typedef {import('./message.d.ts').Document} Document */
/** @typedef {import('./message.d.ts').Emit} Emit */
/** @typedef {import('./message.d.ts').Event} Event */
/** @typedef {import('./message.d.ts').Hello} Hello */
/** @typedef {import('./message.d.ts').Mode} Mode */
/** @typedef {import('./message.d.ts').Receipt} Receipt */
/** @typedef {import('./message.d.ts').Send} Send */
/** @typedef {import('./message.d.ts').SendTo} SendTo */
/** @typedef {import('./message.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./message.d.ts').SnapshotUpdate} SnapshotUpdate */
/** @typedef {import('./message.d.ts').Welcome} Welcome */
/** @typedef {import('./notice.d.ts').Conflict} Conflict */
/** @typedef {import('./notice.d.ts').Notice} Notice */

/** The codes of a rejection that is no answer: the send is to be sent again, with the same id. */
const NOT_YET = ['draining', 'store_unavailable']

/**
 * @typedef {object} ClientSyncOptions
 * @property {string} clientId names this instance in the ids of its sends: 16 hex digits, drawn
 *   at random for each instance
 * @property {string | undefined} [token] the credential, if the URL has no `_pk`
 * @property {string | undefined} [name] the display name that a newcomer asks for
 * @property {{ readonly [key: string]: unknown } | undefined} [meta] facts for the party's hooks,
 *   such as `{ role: "player" }`
 * @property {readonly string[] | undefined} [sections] parts of the document that are wanted;
 *   undefined for all
 * @property {Mode | undefined} [mode] `snapshot` for whole documents instead of patches
 * @property {Partial<typeof LIMITS>} [limits] `unansweredSends` bounds the queue of sends; of
 *   these, `sendsInFlight` are on their way at a time, so that a resend is never older than what
 *   the server remembers
 */

/** The client's half: one instance per façade, across all of its connections. */
export class ClientSync {
  /** @type {string | undefined} */
  token
  /** @type {Welcome | undefined} the last one */
  welcome
  #options
  #limits
  #number = 0
  /** @type {Map<string, Send | SendTo>} */
  #unanswered = new Map()
  /** @type {(Send | SendTo)[]} */
  #waiting = []
  /** @type {(Send | SendTo)[]} */
  #putOff = []
  #mirror = new Mirror()
  /** @type {ClientMessage[]} */
  #outgoing = []
  /** @type {Notice[]} */
  #held = []
  #welcomed = false
  #ready = false

  /** @param {ClientSyncOptions} options */
  constructor({ token, limits, ...options }) {
    this.token = token
    this.#options = { ...options, sections: options.sections && [...options.sections] }
    this.#limits = { ...LIMITS, ...limits }
  }

  /** The document at the last complete commit; undefined before the first. Do not change it. */
  get document() {
    return this.#mirror.document
  }

  /** Whether this connection's mirror has caught up at least once. */
  get ready() {
    return this.#ready
  }

  /** Where the mirror stands: what the next hello will resume from. */
  get position() {
    return this.#mirror.point
  }

  /** The highest version of the room that the mirror has seen. */
  get version() {
    return this.#mirror.version
  }

  /** This client's id in the room; undefined before the first welcome. */
  get member() {
    return this.welcome?.member
  }

  /** The ids of the sends that have no receipt yet, oldest first. */
  get unanswered() {
    return [...this.#unanswered.keys()]
  }

  /** A connection is open: queue the hello, with a resume point if there is one. */
  connected() {
    this.disconnected()
    this.#outgoing.push(this.#hello())
  }

  /** The connection is gone. Sends without a receipt are kept for the next one. */
  disconnected() {
    this.#outgoing = []
    this.#mirror.begin()
    this.#welcomed = this.#ready = false
  }

  /**
   * Queue an event, for the room or for one child machine; returns the send's id.
   *
   * It is sent again after each welcome until its receipt has come, with the same id.
   *
   * @param {Event} event it is kept as it is: do not change it afterwards
   * @param {string} [actorId]
   * @returns {string}
   * @throws {QueueFull}
   */
  send(event, actorId) {
    const { unansweredSends } = this.#limits
    if (this.#unanswered.size >= unansweredSends) throw new QueueFull(unansweredSends)
    this.#number += 1
    const id = `${this.#options.clientId}.${this.#number}`
    const message = sendOf(id, event, actorId)
    this.#unanswered.set(id, message)
    this.#waiting.push(message)
    this.#dispatch()
    return id
  }

  /**
   * What to write now, in order; it is the caller's from here on.
   *
   * @returns {ClientMessage[]}
   */
  messagesToSend() {
    const taken = this.#outgoing
    this.#outgoing = []
    return taken
  }

  /**
   * What a message from the server means, in the order in which to tell of it.
   *
   * @param {ServerMessage} message
   * @returns {Notice[]}
   */
  receive(message) {
    /** @type {Notice[]} */
    const notices = []
    const found = this.#take(message, notices)
    if (found) {
      notices.push(found)
      if (found.reason !== 'stale-message') this.#outgoing.push({ type: 'party.snapshot.get' })
    }
    if (this.#welcomed && this.#mirror.caughtUp) this.#catchUp(notices)
    return notices
  }

  /** @type {() => Hello} */
  #hello() {
    const { name, meta, sections, mode } = this.#options
    const { position: resume, token } = this
    const fields = Object.entries({ resume, token, name, meta, sections, mode })
    const present = fields.filter(([, value]) => value !== undefined)
    return { type: 'party.hello', ...Object.fromEntries(present) }
  }

  /** @type {(message: ServerMessage, notices: Notice[]) => Conflict | undefined} */
  #take(message, notices) {
    switch (message.type) {
      case 'party.snapshot.patch':
        return this.#mirror.receivePatch(message)
      case 'party.snapshot.update':
        return this.#receiveUpdate(message)
      case 'party.receipt':
      case 'party.emit':
      case 'party.chunk':
        this.#hold(message)
        return this.#mirror.interrupt()
      case 'party.welcome':
        return this.#receiveWelcome(message)
      case 'party.error':
        notices.push({ kind: 'failed', error: fieldsOf(message) })
    }
    return undefined
  }

  /** @type {(welcome: Welcome) => Conflict | undefined} */
  #receiveWelcome(welcome) {
    if (this.#welcomed) return conflict('stale-message', welcome.epoch, welcome.epoch)
    this.welcome = welcome
    this.#welcomed = true
    this.token = welcome.token || this.token
    const found = this.#mirror.receiveWelcome(welcome)
    this.#waiting = [...this.#unanswered.values()]
    this.#putOff = []
    this.#dispatch()
    return found
  }

  /** Let as many sends go as may be on their way at once, in order. */
  #dispatch() {
    if (!this.#welcomed) return
    const inFlight = this.#unanswered.size - this.#waiting.length
    const room = Math.max(0, this.#limits.sendsInFlight - inFlight)
    this.#outgoing.push(...this.#waiting.splice(0, room))
  }

  /** @type {(update: SnapshotUpdate) => Conflict | undefined} */
  #receiveUpdate(update) {
    if (!this.#welcomed) return conflict('stale-message', null, update.version)
    const found = this.#mirror.receiveUpdate(update)
    if (!found) this.#sendPutOff()
    return found
  }

  /** The room has come back, with a new epoch, and so with an update: let them try again. */
  #sendPutOff() {
    this.#waiting.unshift(...this.#putOff)
    this.#putOff = []
    this.#dispatch()
  }

  /**
   * Keep what must not be told before the mirror has caught up with what came before it.
   *
   * @type {(message: Receipt | Emit | Chunk) => void}
   */
  #hold(message) {
    if (message.type === 'party.receipt') this.#receiveReceipt(message)
    else if (message.type === 'party.emit')
      this.#held.push({ kind: 'emitted', event: message.event })
    else this.#held.push({ kind: 'chunked', ...fieldsOf(message) })
  }

  /** @type {(receipt: Receipt) => void} */
  #receiveReceipt(receipt) {
    const answered = this.#unanswered.get(receipt.id)
    if (!answered) return
    // It may wait still: then this is the receipt of an earlier connection's send.
    this.#waiting = this.#waiting.filter((message) => message !== answered)
    this.#putOff = this.#putOff.filter((message) => message !== answered)
    if (receipt.status === 'rejected' && NOT_YET.includes(receipt.code ?? '')) {
      this.#putOff.push(answered)
      return
    }
    this.#unanswered.delete(receipt.id)
    this.#held.push({ kind: 'resolved', receipt: fieldsOf(receipt) })
    this.#dispatch()
  }

  /** @type {(notices: Notice[]) => void} */
  #catchUp(notices) {
    const changed = this.#mirror.takeChange()
    if (changed) notices.push(changed)
    if (!this.#ready && this.welcome) {
      this.#ready = true
      notices.push({ kind: 'ready', member: this.welcome.member, resumed: this.welcome.resumed })
    }
    notices.push(...this.#held)
    this.#held = []
  }
}

/** @type {(id: string, event: Event, actorId: string | undefined) => Send | SendTo} */
function sendOf(id, event, actorId) {
  if (actorId === undefined) return { type: 'party.send', id, event }
  return { type: 'party.sendTo', actorId, event, id }
}

/**
 * A message without its type, for those who do not care how it came.
 *
 * @template {ServerMessage} M
 * @param {M} message
 * @returns {Omit<M, 'type'>}
 */
function fieldsOf({ type, ...fields }) {
  return fields
}
