// @ts-check
/** A virtual clock in place of the global one: what partysocket waits for, waits here, too. */

/** @typedef {{ due: number, every: number | undefined, run: () => void }} Timer */

/** What a timer is kept in: 32 bits. */
const LONGEST = 2 ** 31 - 1

export class Clock {
  now = 1_700_000_000_000
  /** What the computer has slept: the wall's clock goes on, timers do not. */
  slept = 0
  /** @type {Map<number, Timer>} */
  #timers = new Map()
  #next = 1

  /** Replaces the timers and clocks of this process, for good. */
  install() {
    const start = this.now
    Object.assign(globalThis, {
      setTimeout: (/** @type {() => void} */ run, delay = 0) => this.#add(run, delay, undefined),
      setInterval: (/** @type {() => void} */ run, delay = 0) => this.#add(run, delay, delay),
      clearTimeout: (/** @type {number} */ id) => void this.#timers.delete(id),
      clearInterval: (/** @type {number} */ id) => void this.#timers.delete(id),
    })
    Date.now = () => this.now + this.slept
    performance.now = () => this.now - start
    return this
  }

  /** How many timers are set. */
  get pending() {
    return this.#timers.size
  }

  /** Lets `milliseconds` pass, and everything happen that is due. */
  async advance(milliseconds = 0) {
    const end = this.now + milliseconds
    await settle()
    for (let id = this.#first(end); id !== undefined; id = this.#first(end)) {
      this.#ring(id)
      await settle()
    }
    this.now = end
  }

  /** The computer sleeps: the time passes, and no timer comes nearer. */
  sleep(/** @type {number} */ milliseconds) {
    this.slept += milliseconds
  }

  /** @type {(run: () => void, delay: number, every: number | undefined) => number} */
  #add(run, delay, every) {
    const kept = delay > LONGEST ? 1 : delay // as Node and the browsers do it
    this.#timers.set(this.#next, { due: this.now + kept, every, run })
    return this.#next++
  }

  /** @type {(end: number) => number | undefined} */
  #first(end) {
    const due = [...this.#timers].filter(([, timer]) => timer.due <= end)
    return due.sort(([, a], [, b]) => a.due - b.due)[0]?.[0]
  }

  #ring(/** @type {number} */ id) {
    const timer = /** @type {Timer} */ (this.#timers.get(id))
    this.now = Math.max(this.now, timer.due)
    if (timer.every === undefined) this.#timers.delete(id)
    else timer.due += timer.every
    timer.run()
  }
}

/** Lets every promise that can go on, go on. */
export function settle() {
  return new Promise((resolve) => setImmediate(resolve))
}
