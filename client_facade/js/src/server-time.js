// @ts-check
/**
 * An estimate of the server's clock, from messages that carry its time. Pure: time is passed in.
 *
 * An answer's time was read somewhere between our question and its arrival; the middle is the best
 * guess, and the shorter the round trip, the better (Cristian 1989, "Probabilistic clock
 * synchronization"). So the sample with the shortest round trip counts.
 */

/** A clock drifts (some 50 ppm for a quartz): after so many milliseconds any newer sample is better. */
const STALE = 300_000

/** The server's clock as far as this client can tell. Every time is in milliseconds. */
export class ServerTime {
  #offset = 0
  #roundTrip = Number.POSITIVE_INFINITY
  #taken = 0

  /**
   * Takes in one answer.
   *
   * @param {number} serverNow what the server's clock showed, epoch milliseconds
   * @param {number} asked local time when the question left
   * @param {number} answered local time when the answer came
   */
  sample(serverNow, asked, answered) {
    const roundTrip = Math.max(0, answered - asked)
    if (roundTrip > this.#roundTrip && answered - this.#taken <= STALE) return
    this.#offset = serverNow + roundTrip / 2 - answered
    this.#roundTrip = roundTrip
    this.#taken = answered
  }

  /** The local clock was set, or stood still: the next sample counts, however slow it was. */
  doubt() {
    this.#roundTrip = Number.POSITIVE_INFINITY
  }

  /**
   * The server's clock, epoch milliseconds; without a sample, the local one.
   *
   * @param {number} local
   */
  now(local) {
    return local + this.#offset
  }
}
