/** Chance that is the same in every run: what the tests draw their cases with. */

/** A generator of numbers from 0 to 1 (mulberry32), the same in every run. */
export class Dice {
  #state

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed
  }

  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** @type {(chance: number) => boolean} */
  hits(chance) {
    return this.next() < chance
  }

  /** @type {(count: number) => number} an integer from 0 to `count` - 1 */
  below(count) {
    return Math.floor(this.next() * count)
  }

  /** @type {<T>(items: readonly T[]) => T} */
  pick(items) {
    return /** @type {any} */ (items[this.below(items.length)])
  }
}
