// @ts-check
/**
 * The façade: an object that looks like the room's machine and holds none of its logic.
 *
 * What must not be here: bytes and sockets (connection.js), or the protocol's rules (protocol/).
 *
 * @import {
 *   ChildTarget, Chunk, Conflict, ConnectOptions, ConnectionState, Emitted, EventObject,
 *   Facade, Observer, Party, Receipt, ServerError, Snapshot, StatePattern, Subscription, WatchOptions
 * } from '../index.js'
 * @import { Connection, Handlers } from './connection.js'
 * @import { ClientSync } from './protocol/client-sync.js'
 * @import { ServerMessage } from './protocol/message.d.ts'
 * @import { Notice } from './protocol/notice.d.ts'
 */
import { childId } from './actor.js'
import { Closed } from './closed.js'
import { copyEvent } from './event.js'
import { createSnapshot, EMPTY } from './snapshot.js'
import { call, Listeners, toObserver, whenChanged } from './store.js'
import { abortion, Deferred } from './wait.js'

/** RFC 6455's "done". */
const DONE = 1000

/**
 * One member's view of a room's machine, and the way to send it events. Made by connect.js.
 *
 * @template {Party} P
 * @implements {Facade<P>}
 */
export class LiveFacade {
  #sync
  #connection
  /** @type {Snapshot<P>} */
  #snapshot = EMPTY
  /** @type {ConnectionState} */
  #state = 'connecting'
  /** @type {Closed | undefined} */
  #closed
  #disposed = false
  /** @type {Deferred<Facade<P>>} */
  #ready = new Deferred()
  /** @type {Map<string, Deferred<Receipt>>} */
  #sends = new Map()
  /** What fails when the façade is over. @type {Set<Deferred<any>>} */
  #waits = new Set([this.#ready])
  /** @type {Set<{ observer: Observer<Snapshot<P>> }>} the same observer may be there twice */
  #observers = new Set()
  /** @type {Listeners<Snapshot<P>>} */
  #snapshots = new Listeners()
  /** @type {Listeners<EventObject>} */
  #emits = new Listeners()
  /** @type {Listeners<Chunk>} */
  #chunks = new Listeners()
  /** @type {Listeners<Conflict>} */
  #conflicts = new Listeners()
  /** @type {Listeners<ServerError>} */
  #errors = new Listeners()
  /** @type {Listeners<ConnectionState>} */
  #connections = new Listeners()

  /**
   * @param {ClientSync} sync
   * @param {ConnectOptions['initial']} initial
   * @param {(handlers: Handlers) => Connection} connect
   */
  constructor(sync, initial, connect) {
    this.#sync = sync
    if (initial !== undefined) this.#snapshot = createSnapshot(structuredClone(initial))
    this.#connection = connect({
      receive: (message) => this.#receive(message),
      lost: () => this.#lost(),
      ended: (closed) => this.#end(closed),
    })
    bindMethods(this)
  }

  // The connection ---------------------------------------------------------------------------

  get ready() {
    return this.#ready.promise
  }

  get connection() {
    return this.#state
  }

  get closed() {
    return this.#closed
  }

  get member() {
    return this.#sync.member
  }

  get token() {
    return this.#sync.token
  }

  get unanswered() {
    return this.#sends.size
  }

  serverNow() {
    return this.#connection.serverNow()
  }

  dispose() {
    if (this.#closed !== undefined) return
    this.#disposed = true
    this.#connection.close()
    this.#end(new Closed(DONE, 'disposed by this side'))
  }

  // What it shows ----------------------------------------------------------------------------

  get snapshot() {
    return this.#snapshot
  }

  get value() {
    return this.#snapshot.value
  }

  get context() {
    return this.#snapshot.context
  }

  get tags() {
    return this.#snapshot.tags
  }

  get status() {
    return this.#snapshot.status
  }

  get error() {
    return this.#snapshot.error
  }

  get output() {
    return this.#snapshot.output
  }

  get children() {
    return this.#snapshot.children
  }

  matches(/** @type {StatePattern<P['value']>} */ pattern) {
    return this.#snapshot.matches(pattern)
  }

  hasTag(/** @type {P['tags']} */ tag) {
    return this.#snapshot.hasTag(tag)
  }

  can(/** @type {P['events']['type'] | EventObject} */ event) {
    return this.#snapshot.can(event)
  }

  getSnapshot() {
    return this.#snapshot
  }

  /**
   * @param {((snapshot: Snapshot<P>) => void) | Observer<Snapshot<P>>} [next]
   * @param {(error: unknown) => void} [error]
   * @param {() => void} [complete]
   * @returns {Subscription}
   */
  subscribe(next, error, complete) {
    const observer = toObserver(next, error, complete)
    const entry = { observer }
    if (this.#closed !== undefined) this.#finish(observer, this.#closed)
    else this.#observers.add(entry)
    const { unsubscribe } = this.#snapshots.add((snapshot) => observer.next?.(snapshot))
    return {
      unsubscribe: () => {
        this.#observers.delete(entry)
        unsubscribe()
      },
    }
  }

  /**
   * @template T
   * @param {(snapshot: Snapshot<P>) => T} selector
   */
  select(selector) {
    return selector(this.#snapshot)
  }

  /**
   * @template T
   * @param {(snapshot: Snapshot<P>) => T} selector
   * @param {(selected: T, previous: T | undefined) => void} listener
   * @param {WatchOptions<T>} [options]
   */
  watch(selector, listener, options) {
    const watcher = whenChanged(selector, listener, options)
    if (this.#shows) watcher(this.#snapshot)
    return this.#snapshots.add(watcher)
  }

  /**
   * @param {(snapshot: Snapshot<P>) => boolean} predicate
   * @param {{ readonly timeout?: number, readonly signal?: AbortSignal }} [options]
   * @returns {Promise<Snapshot<P>>}
   */
  waitFor(predicate, options = {}) {
    /** @type {Deferred<Snapshot<P>>} */
    const found = this.#wait()
    const check = (/** @type {Snapshot<P>} */ snapshot) => {
      found.settle(() => (predicate(snapshot) ? snapshot : undefined))
    }
    const { unsubscribe } = this.#snapshots.add(check)
    const stop = abortion(options, () => this.#snapshot, found.reject)
    found.finally(() => {
      this.#waits.delete(found)
      unsubscribe()
      stop()
    })
    if (this.#shows) check(this.#snapshot)
    return found.promise
  }

  // Events -----------------------------------------------------------------------------------

  /**
   * @param {P['events']} event
   * @returns {Promise<Receipt>}
   */
  send(event) {
    return this.#send(event)
  }

  /**
   * @param {ChildTarget<P>} target
   * @param {P['children'][keyof P['children']]['events']} event
   * @returns {Promise<Receipt>}
   */
  sendTo(target, event) {
    return this.#send(event, () => childId(target, this.#snapshot))
  }

  /**
   * @template {P['emits']['type'] | '*'} T
   * @param {T} type
   * @param {(event: Emitted<P['emits'], T>) => void} listener
   */
  on(type, listener) {
    return this.#emits.add((event) => {
      if (type === '*' || type === event.type) listener(/** @type {any} */ (event))
    })
  }

  onChunk(/** @type {(chunk: Chunk) => void} */ listener) {
    return this.#chunks.add(listener)
  }

  onConflict(/** @type {(conflict: Conflict) => void} */ listener) {
    return this.#conflicts.add(listener)
  }

  onError(/** @type {(error: ServerError) => void} */ listener) {
    return this.#errors.add(listener)
  }

  onConnection(/** @type {(state: ConnectionState) => void} */ listener) {
    return this.#connections.add(listener)
  }

  // Inside -----------------------------------------------------------------------------------

  /** Whether there is a snapshot to show: the server's, or the initial one. */
  get #shows() {
    return this.#snapshot !== EMPTY
  }

  /** @returns {Deferred<any>} one that fails when the façade is over */
  #wait() {
    const deferred = new Deferred()
    if (this.#closed !== undefined) deferred.reject(this.#closed)
    else this.#waits.add(deferred)
    return deferred
  }

  /** @type {(event: unknown, pick?: () => string) => Promise<Receipt>} */
  #send(event, pick) {
    if (this.#closed !== undefined) return this.#wait().promise
    try {
      const copied = copyEvent(event)
      const child = pick?.()
      // Before it is queued: what cannot travel would be tried again with every connection.
      this.#connection.check(copied, child)
      const id = this.#sync.send(copied, child)
      const answered = this.#wait()
      this.#sends.set(id, answered)
      this.#connection.flush()
      return answered.promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #receive(/** @type {ServerMessage} */ message) {
    for (const notice of this.#sync.receive(message)) {
      if (this.#closed === undefined) this.#notice(notice)
    }
  }

  #notice(/** @type {Notice} */ notice) {
    switch (notice.kind) {
      case 'changed':
        return this.#changed(notice.document)
      case 'ready':
        this.#ready.resolve(this)
        return this.#become('connected')
      case 'resolved':
        return this.#resolved(notice.receipt)
      case 'emitted':
        return this.#emits.call(notice.event)
      case 'chunked':
        return this.#chunks.call(without(notice))
      case 'conflict':
        return this.#conflicts.call(without(notice))
      case 'failed':
        return this.#errors.call(notice.error)
    }
  }

  #changed(/** @type {any} */ document) {
    const previous = this.#snapshot
    this.#snapshot = createSnapshot(document, previous)
    if (this.#snapshot !== previous) this.#snapshots.call(this.#snapshot)
  }

  #resolved(/** @type {Receipt} */ receipt) {
    const answered = this.#sends.get(receipt.id)
    if (answered === undefined) return
    this.#sends.delete(receipt.id)
    this.#waits.delete(answered)
    answered.resolve(receipt)
  }

  #lost() {
    if (this.#state === 'connected') this.#become('reconnecting')
  }

  #become(/** @type {ConnectionState} */ state) {
    if (this.#state === state) return
    this.#state = state
    this.#connections.call(state)
  }

  #end(/** @type {Closed} */ closed) {
    this.#closed = closed
    this.#sends.clear()
    for (const wait of this.#waits) wait.reject(closed)
    this.#waits.clear()
    this.#become('closed')
    for (const { observer } of this.#observers) this.#finish(observer, closed)
    this.#observers.clear()
  }

  #finish(/** @type {Observer<Snapshot<P>>} */ observer, /** @type {Closed} */ closed) {
    if (this.#disposed) call(() => observer.complete?.(), undefined)
    else call((error) => observer.error?.(error), closed)
  }
}

/** Methods work when they are taken off: `const { send, matches } = facade`. */
function bindMethods(/** @type {any} */ object) {
  const { prototype } = object.constructor
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const { value } = /** @type {PropertyDescriptor} */ (
      Object.getOwnPropertyDescriptor(prototype, name)
    )
    if (typeof value === 'function' && name !== 'constructor') object[name] = value.bind(object)
  }
}

/**
 * @template T
 * @param {T & { kind: string }} notice
 * @returns {Omit<T, 'kind'>}
 */
function without({ kind: _, ...rest }) {
  return /** @type {any} */ (rest)
}
