// @ts-check
/** Remaining time, on the room's clock. Pure: who asks brings the time along. */

/** Seconds from which on a countdown looks and is announced as urgent. */
const URGENT_SECONDS = 5

/** At these numbers of seconds the time is announced, and at the opening. */
const ANNOUNCED = [10, URGENT_SECONDS]

/**
 * Whole seconds until the deadline, as a person counts them: 0 is "over".
 * @param {number} deadline epoch milliseconds
 * @param {number} duration of the whole wait, milliseconds
 * @param {number} now epoch milliseconds
 */
export function secondsLeft(deadline, duration, now) {
  // The two clocks are not quite the same: a wait that has just begun must not look longer.
  return Math.max(0, Math.ceil(Math.min(deadline - now, duration) / 1000))
}

/**
 * Milliseconds until `secondsLeft` changes, or undefined when it is over.
 * @param {number} deadline
 * @param {number} now
 */
export function nextChange(deadline, now) {
  const left = deadline - now
  return left <= 0 ? undefined : left - Math.floor((left - 1) / 1000) * 1000
}

/**
 * How much of the wait is over, in milliseconds: 0 to `duration`.
 * @param {number} deadline
 * @param {number} duration
 * @param {number} now
 */
export function elapsed(deadline, duration, now) {
  return Math.min(duration, Math.max(0, now - (deadline - duration)))
}

/**
 * Whether the time is to be announced when it goes from `before` to `after` seconds.
 * @param {number | undefined} before undefined: it has just opened
 * @param {number} after
 */
export function isAnnounced(before, after) {
  if (before === undefined) return after > 0
  return ANNOUNCED.some((mark) => before > mark && after <= mark && after > 0)
}

/** @param {number} seconds */
export function isUrgent(seconds) {
  return seconds <= URGENT_SECONDS
}
