// @ts-check
/**
 * How long to wait before connecting again: pure, without a connection or a clock.
 *
 * Whether to connect at all is the protocol's rule, by close code alone. The delays are "full
 * jitter" (AWS architecture blog, "Exponential Backoff And Jitter"): a uniform draw between nothing
 * and a bound that doubles, so that the clients of a restarted server do not come back as one wave.
 */
import { reconnectAfter } from './protocol/close-code.js'
import { LIMITS } from './protocol/table.js'

/** The least delay that "later" means, in milliseconds (the close codes 4100-4199). */
const LATER = 1000

/**
 * A delay before the next attempt, in milliseconds: `floor` is what the server asks for, and
 * `jitter` what we add to it. A user who comes back to the page may cut the jitter short.
 *
 * @typedef {{ readonly floor: number, readonly jitter: number }} Delay
 */

/** The delays between attempts to connect. */
export class Backoff {
  #random
  #failures = 0

  /** @param {() => number} random uniform in [0, 1) */
  constructor(random) {
    this.#random = random
  }

  /** The connection held: the next delay starts from the base again. */
  succeeded() {
    this.#failures = 0
  }

  /**
   * How long to wait before the next attempt, or undefined: do not connect again.
   *
   * @param {number} closeCode what the last connection ended with; 1006 if it could not be opened
   * @param {number} atLeast milliseconds that the server asked for (`retry_after`), if it did
   * @returns {Delay | undefined}
   */
  delay(closeCode, atLeast = 0) {
    const rule = reconnectAfter(closeCode)
    if (rule === 'never') return undefined
    const floor = Math.max(atLeast, rule === 'later' ? LATER : 0)
    return { floor, jitter: this.#random() * this.#nextBound() }
  }

  #nextBound() {
    const base = LIMITS.reconnectBaseSeconds * 2 ** this.#failures++
    return 1000 * Math.min(LIMITS.reconnectCapSeconds, base)
  }
}
