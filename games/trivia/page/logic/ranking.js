// @ts-check
/**
 * The ranking: its order, its podium, and what it says to one player.
 *
 * Ranks are the room's (shared ranks: 1, 1, 3); nothing is computed from points but distances.
 */

import { people } from './people.js'

/** @typedef {import('../types.js').Players} Players */
/** @typedef {import('../types.js').Person} Person */
/** @typedef {Person & { rank: number, place: number }} Ranked */

/**
 * Those who have a rank, the best first.
 * @param {Players | undefined} players
 * @returns {Ranked[]}
 */
export function ranked(players) {
  return /** @type {Ranked[]} */ (people(players).filter((each) => each.rank !== null)).sort(
    (a, b) => a.place - b.place,
  )
}

/**
 * The steps of the podium, the highest first, as they are read; the style sheet puts it into the
 * middle. Who shares a rank shares its step; a rank that nobody has (1, 1, 3) has none.
 * @param {readonly Ranked[]} list
 */
export function podium(list) {
  return [1, 2, 3]
    .map((rank) => ({ rank, people: list.filter((each) => each.rank === rank) }))
    .filter((step) => step.people.length > 0)
}

/**
 * Who has the first rank.
 * @param {readonly Ranked[]} list
 */
export function winners(list) {
  return list.filter((each) => each.rank === 1)
}

/**
 * Where one player stands: with whom, and behind whom.
 * @param {readonly Ranked[]} list
 * @param {string | undefined} member
 */
export function standingOf(list, member) {
  const mine = list.find((each) => each.id === member)
  if (!mine) return undefined
  const better = list.filter((each) => each.rank < mine.rank)
  const ahead = better.at(-1)
  return {
    mine,
    shared: list.filter((each) => each.rank === mine.rank).length - 1,
    ahead: ahead && { name: ahead.name, points: round(ahead.points - mine.points) },
  }
}

/**
 * The top of the list, and one player's own row if it is not among them.
 * @param {readonly Ranked[]} list
 * @param {number} limit
 * @param {string} [member]
 */
export function excerpt(list, limit, member) {
  const top = list.slice(0, limit)
  const own = list.slice(limit).find((each) => each.id === member)
  return own ? [...top, own] : top
}

/** @param {number} points */
function round(points) {
  return Math.round(points * 100) / 100
}
