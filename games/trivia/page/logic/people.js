// @ts-check
/** Who is in the room, in which order, and how many: pure functions of the shared `players`. */

/** @typedef {import('../types.js').Players} Players */
/** @typedef {import('../types.js').Person} Person */

const byName = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

/**
 * The players by name; the order of the document's keys means nothing.
 * @param {Players | undefined} players
 * @returns {Person[]}
 */
export function peopleByName(players) {
  return people(players).sort((a, b) => byName.compare(a.name, b.name) || compare(a.id, b.id))
}

/**
 * @param {Players | undefined} players
 * @returns {Person[]}
 */
export function people(players) {
  return Object.entries(players ?? {}).map(([id, card]) => ({ ...card, id }))
}

/**
 * Those who count as here: a short absence does not count.
 * @param {readonly Person[]} all
 */
export function present(all) {
  return all.filter((each) => each.presence !== 'gone')
}

/**
 * How many of the present players are ready.
 * @param {readonly Person[]} all
 */
export function readiness(all) {
  const here = present(all)
  const ready = here.filter((each) => each.ready).length
  return { ready, total: here.length, missing: here.length - ready }
}

/**
 * How large names can be written so that they all fit.
 * @param {number} count
 * @returns {'few' | 'some' | 'many' | 'crowd'}
 */
export function crowd(count) {
  if (count <= 8) return 'few'
  if (count <= 24) return 'some'
  return count <= 48 ? 'many' : 'crowd'
}

/**
 * The first `limit` of a list, and how many are left.
 * @template T
 * @param {readonly T[]} list
 * @param {number} limit
 */
export function firstOf(list, limit) {
  return { shown: list.slice(0, limit), more: Math.max(0, list.length - limit) }
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}
