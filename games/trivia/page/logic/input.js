// @ts-check
/** What a room is made with: the form's fields, checked and written as the party's input. */

/** The bounds of `Seconds` in the game; below five nobody can read. */
const SHORTEST = 5
const LONGEST = 600

/**
 * @typedef {object} Form
 * @property {boolean} hostPlays
 * @property {boolean} speed
 * @property {string} seconds  as typed; empty: as the questions suggest
 */

/**
 * Whether the typed seconds can be taken.
 * @param {string} seconds
 */
export function isSeconds(seconds) {
  const typed = seconds.trim()
  if (!typed) return true
  const value = Number(typed)
  return Number.isFinite(value) && value >= SHORTEST && value <= LONGEST
}

/** @param {Form} form */
export function inputOf(form) {
  const time = form.seconds.trim()
  return {
    host_plays: form.hostPlays,
    speed: form.speed ? 'linear' : 'none',
    ...(time ? { durations: { time: Number(time) } } : {}),
  }
}
