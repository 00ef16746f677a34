// @ts-check
/** Remaining time. Pure: who asks brings the time along. */

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
