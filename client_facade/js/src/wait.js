// @ts-check
/**
 * Promises of one façade that are settled from outside.
 *
 * What must not be here: what it is that they wait for (facade.js).
 *
 * @import { Snapshot } from '../index.js'
 */
import { LONGEST } from './timer.js'

/**
 * A promise, and what settles it.
 *
 * @template T
 */
export class Deferred {
  /** @type {Promise<T>} */
  promise
  /** @type {(value: T) => void} */
  resolve = () => {}
  /** @type {(error: unknown) => void} */
  reject = () => {}

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Whoever waits is told; nobody has to wait for `ready` or for a receipt. Without this, Node
    // would end the process.
    this.promise.catch(() => {})
  }

  /**
   * Settles with what `find` returns, unless that is undefined, or with what it throws.
   *
   * @param {() => T | undefined} find
   */
  settle(find) {
    try {
      const found = find()
      if (found !== undefined) this.resolve(found)
    } catch (error) {
      this.reject(error)
    }
  }

  /** @param {() => void} cleanUp is called once it is settled, either way */
  finally(cleanUp) {
    this.promise.then(cleanUp, cleanUp)
  }
}

/**
 * Rejects when the time is up or the signal says so.
 *
 * @param {{ readonly timeout?: number, readonly signal?: AbortSignal }} options
 * @param {() => Snapshot<any>} now what is shown, for the message
 * @param {(error: unknown) => void} reject
 * @returns {() => void} ends the watch
 */
export function abortion({ timeout, signal }, now, reject) {
  const abort = () => reject(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  const timer =
    timeout === undefined || timeout > LONGEST
      ? undefined
      : setTimeout(() => reject(timedOut(timeout, now())), timeout)
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** @type {(timeout: number, snapshot: Snapshot<any>) => DOMException} */
function timedOut(timeout, { value, status }) {
  const message = `not within ${timeout} ms; now: ${JSON.stringify(value)} (${status})`
  return new DOMException(message, 'TimeoutError')
}
