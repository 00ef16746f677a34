// @ts-check
/**
 * Identity: reusing the parts of an old value that are equal in a new one.
 */

/**
 * A value equal to `next`, in which every part that equals `old`'s is `old`'s own object.
 *
 * So that a whole snapshot, too, leaves `===` true for what did not change. Neither argument is
 * changed; both may be frozen.
 *
 * @template T
 * @param {unknown} old a JSON value, or undefined
 * @param {T} next a JSON value
 * @returns {T}
 */
export function keepIdentity(old, next) {
  return /** @type {T} */ (kept(old, next))
}

/** @type {(old: any, next: any) => any} */
function kept(old, next) {
  if (old === next || !isContainer(old) || !isContainer(next)) return next
  if (Array.isArray(old) !== Array.isArray(next)) return next
  return Array.isArray(next) ? keptArray(old, next) : keptObject(old, next)
}

/** @type {(value: unknown) => boolean} */
function isContainer(value) {
  return typeof value === 'object' && value !== null
}

/** @type {(old: any[], next: any[]) => any[]} */
function keptArray(old, next) {
  const items = next.map((item, index) => (index < old.length ? kept(old[index], item) : item))
  const same = old.length === items.length && items.every((item, index) => item === old[index])
  return same ? old : items
}

/** @type {(old: Record<string, any>, next: Record<string, any>) => Record<string, any>} */
function keptObject(old, next) {
  const entries = Object.entries(next).map(([key, value]) => [
    key,
    Object.hasOwn(old, key) ? kept(old[key], value) : value,
  ])
  const same =
    Object.keys(old).length === entries.length &&
    entries.every(([key, value]) => Object.hasOwn(old, key) && old[key] === value)
  // fromEntries defines: unlike an assignment, it cannot reach a prototype.
  return same ? old : Object.fromEntries(entries)
}
