// @ts-check
/**
 * Documents that cannot be changed, and that keep the identity of what did not change.
 *
 * It is what lets a selector's results be compared with `===`: of two equal parts the old one is
 * kept. What must not be here: what a document means (snapshot.js).
 */

/**
 * What is shown for a part of a document that equals an older one. Without it, the mirror's part
 * and the shown one would be compared again at each commit.
 *
 * @type {WeakMap<object, object>}
 */
const SHOWN = new WeakMap()

/**
 * A deeply frozen `next` that is made of the parts of `old` wherever they are equal. It takes
 * `next` over: nobody may change it afterwards.
 *
 * What is frozen was frozen here, and deeply: a document from outside is copied first.
 *
 * @template T
 * @param {unknown} old an earlier result of this function, or undefined
 * @param {T} next a JSON value
 * @returns {T} `old` itself if nothing differs
 */
export function share(old, next) {
  if (typeof next !== 'object' || next === null || Object.isFrozen(next)) return next
  const known = SHOWN.get(next)
  if (known !== undefined) return /** @type {T} */ (known)
  const shown = Array.isArray(next) ? shareArray(old, next) : shareObject(old, next)
  if (shown !== next) SHOWN.set(next, shown)
  return shown
}

/** @type {(old: unknown, next: any[]) => any} */
function shareArray(old, next) {
  const before = Array.isArray(old) ? old : []
  const parts = next.map((part, index) => share(before[index], part))
  if (before === old && same(parts, before)) return before
  return Object.freeze(same(parts, next) ? next : parts)
}

/** @type {(old: unknown, next: any) => any} */
function shareObject(old, next) {
  const before = /** @type {any} */ (isObject(old) ? old : {})
  const keys = Object.keys(next)
  const parts = keys.map((key) => share(before[key], next[key]))
  const unchanged = keys.every(
    (key, index) => Object.hasOwn(before, key) && before[key] === parts[index],
  )
  if (before === old && unchanged && Object.keys(before).length === keys.length) return before
  if (keys.every((key, index) => next[key] === parts[index])) return Object.freeze(next)
  return Object.freeze(Object.fromEntries(keys.map((key, index) => [key, parts[index]])))
}

/** @type {(parts: unknown[], other: unknown[]) => boolean} */
function same(parts, other) {
  return parts.length === other.length && parts.every((part, index) => part === other[index])
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
