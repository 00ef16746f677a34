// @ts-check
/**
 * Whether the server is still there: asks when it is silent, and judges the silence.
 *
 * A TCP connection whose other end has vanished stays open for minutes, and a page cannot see the
 * pings of the WebSocket protocol. What must not be here: how to ask, or what to do then
 * (connection.js).
 */

/**
 * Milliseconds of silence before a question. With ANSWER, a dead socket is found within 13 s in a
 * silent room; a question costs 2 bytes, 500 phones ask 50 times a second.
 */
const SILENCE = 10_000
/**
 * Milliseconds of silence after something was sent that has an answer. A person who has pressed a
 * button is waiting: so it is 6 s at most, until the button is pressed anew.
 */
const IMPATIENCE = 3_000
/** Milliseconds for an answer. A phone's round trip is below 1 s, and TCP resends after 1 to 3 s. */
const ANSWER = 3_000
/** Milliseconds by which a timer may be late before it proves nothing: the page was asleep. */
const LATE = 1_000

/** Watches one open socket, from `start` to `stop`. */
export class Heartbeat {
  #ask
  #dead
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #running = false
  /** When the timer is due, and whether what is due is an answer (else: a question). */
  #due = 0
  #asked = false

  /**
   * @param {() => void} ask sends something that the server answers at once
   * @param {() => void} dead the answer did not come
   */
  constructor(ask, dead) {
    this.#ask = ask
    this.#dead = dead
  }

  start() {
    this.#running = true
    this.heard()
  }

  stop() {
    this.#running = false
    clearTimeout(this.#timer)
  }

  /** Something came from the server: it is there. */
  heard() {
    if (!this.#running) return
    this.#asked = false
    this.#set(SILENCE)
  }

  /** Something was sent that will be answered. */
  expect() {
    if (this.#running && this.#due > Date.now() + IMPATIENCE) this.#set(IMPATIENCE)
  }

  /**
   * Asks now.
   *
   * @param {number} patience milliseconds for the answer
   */
  ask(patience = ANSWER) {
    const left = this.#due - Date.now()
    const soon = this.#asked && left >= 0 && left <= patience
    if (!this.#running || soon) return
    this.#asked = true
    this.#set(patience)
    this.#ask()
  }

  #set(/** @type {number} */ delay) {
    clearTimeout(this.#timer)
    this.#due = Date.now() + delay
    this.#timer = setTimeout(() => this.#ring(), delay)
  }

  #ring() {
    const late = Math.abs(Date.now() - this.#due) > LATE
    // An answer may have come while nobody could take it in: it has another chance.
    if (this.#asked && !late) this.#dead()
    else this.ask()
  }
}
