/** JSON values for the tests: drawn at random, frozen, looked through. */

/** @typedef {import('./dice.js').Dice} Dice */

/** Keys of which some mean something in a pointer or to an array, or are inherited by all. */
const KEYS = ['a', 'b', 'c', '', '0', '1', '01', '-', '~', 'a/b', '~1', 'length', 'toString']

/** @type {(dice: Dice) => string} */
export function drawKey(dice) {
  return dice.pick(KEYS)
}

/** @type {(dice: Dice, depth?: number) => any} */
export function drawValue(dice, depth = 3) {
  if (depth === 0 || dice.hits(0.3)) {
    return dice.pick([null, true, false, 0, 1, -1.5, '', 'text', '1', {}, []])
  }
  const parts = Array.from({ length: dice.below(5) }, () => drawValue(dice, depth - 1))
  if (dice.hits(0.4)) return parts
  return Object.fromEntries(parts.map((part) => [drawKey(dice), part]))
}

/** A value like `value`, in which a few things are other.
 *
 * @type {(dice: Dice, value: any) => any}
 */
export function drawChange(dice, value) {
  if (typeof value !== 'object' || value === null || dice.hits(0.1)) return drawValue(dice, 2)
  const entries = Object.entries(value).filter(() => !dice.hits(0.1))
  const changed = entries.map(([key, part]) => [
    key,
    dice.hits(0.3) ? drawChange(dice, part) : structuredClone(part),
  ])
  if (Array.isArray(value)) return changed.map(([, part]) => part)
  return Object.fromEntries(dice.hits(0.5) ? changed.reverse() : changed)
}

/**
 * The same value, which nobody can change any more.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
export function frozen(value) {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}

/** Every place in a value, as the tokens that lead there.
 *
 * @type {(value: any, above?: string[]) => string[][]}
 */
export function placesIn(value, above = []) {
  if (typeof value !== 'object' || value === null) return [above]
  const inner = Object.entries(value).map(([key, part]) => placesIn(part, [...above, key]))
  return [above, ...inner.flat()]
}

/** @type {(tokens: string[]) => string} a JSON Pointer */
export function pointerOf(tokens) {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
