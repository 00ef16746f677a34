/**
 * Functions that are called when something happens, none of which can hurt the others.
 *
 * What must not be here: when they are called, and with what (facade.js).
 *
 * @import { Observer, Subscription, WatchOptions } from '../index.js'
 */

/**
 * Tells the page's error handlers, or the console, of an error that nobody can catch.
 *
 * @param {unknown} error
 */
export function report(error) {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  else console.error(error)
}

/**
 * Calls `listener`; what it throws is reported.
 *
 * @template A
 * @param {((argument: A) => void) | undefined} listener
 * @param {A} argument
 */
export function call(listener, argument) {
  try {
    listener?.(argument)
  } catch (error) {
    report(error)
  }
}

/**
 * Listeners of one thing, called in the order in which they came.
 *
 * @template A
 */
export class Listeners {
  /** @type {Set<{ listener: (argument: A) => void }>} */
  #entries = new Set()

  /**
   * Calls `listener` from now on, until it is unsubscribed. Twice the same is called twice.
   *
   * @param {(argument: A) => void} listener
   * @returns {Subscription}
   */
  add(listener) {
    if (typeof listener !== 'function') throw new TypeError('a listener is a function')
    const entry = { listener }
    this.#entries.add(entry)
    // A closure: XState's hooks take `unsubscribe` off its object.
    return { unsubscribe: () => void this.#entries.delete(entry) }
  }

  /**
   * Calls everyone who is still subscribed when it is their turn.
   *
   * @param {A} argument
   */
  call(argument) {
    for (const entry of [...this.#entries]) {
      if (this.#entries.has(entry)) call(entry.listener, argument)
    }
  }
}

/**
 * What `subscribe` takes, as an observer: that, or up to three functions.
 *
 * @template T
 * @param {((value: T) => void) | Observer<T> | undefined} next
 * @param {((error: unknown) => void) | undefined} error
 * @param {(() => void) | undefined} complete
 * @returns {Observer<T>}
 */
export function toObserver(next, error, complete) {
  if (typeof next === 'object' && next !== null) return next
  /** @type {Observer<T>} */
  const observer = {}
  if (next) observer.next = next
  if (error) observer.error = error
  if (complete) observer.complete = complete
  return observer
}

/**
 * A listener that calls `listener` with what `selector` gives, when that has changed. Its first
 * call only takes note, unless `immediate`.
 *
 * @template S, T
 * @param {(value: S) => T} selector
 * @param {(selected: T, previous: T | undefined) => void} listener
 * @param {WatchOptions<T>} [options]
 * @returns {(value: S) => void}
 */
export function whenChanged(selector, listener, { equals = Object.is, immediate = false } = {}) {
  /** @type {{ value: T } | undefined} */
  let seen
  return (value) => {
    const selected = selector(value)
    const previous = seen
    if (previous !== undefined && equals(previous.value, selected)) return
    seen = { value: selected }
    if (previous !== undefined || immediate) listener(selected, previous?.value)
  }
}
