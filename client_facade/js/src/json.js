// @ts-check
/**
 * JSON values from a page: checked and copied, since they may be sent later, or again.
 *
 * What must not be here: what they mean (event.js), or how large a message may be (connection.js).
 */
import { LIMITS, POISON_KEYS } from './protocol/table.js'

/** Half of a surrogate pair: there is no UTF-8 for it. */
const LONE_SURROGATE = /\p{Surrogate}/u
/** How deep a value may be: a message is the first level. */
const DEPTH = LIMITS.depth - 1

/**
 * A copy of `value`, of which nobody else holds a part.
 *
 * @param {unknown} value
 * @param {string} name what it is, for the message
 * @returns {unknown}
 * @throws {TypeError} if it is not JSON, or nested too deep; it names the path
 */
export function copyJson(value, name) {
  return copy(value, name, [])
}

/** How many values there are in a JSON value, itself included. @type {(value: unknown) => number} */
export function countValues(value) {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum, part) => sum + countValues(part), 1)
}

/**
 * What `value` is, for a message.
 *
 * @param {unknown} value
 */
export function describe(value) {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'object'}`
  return typeof value === 'function' ? 'a function' : `${String(value)} (${typeof value})`
}

/**
 * @param {unknown} value
 * @param {string} path
 * @param {object[]} above the objects that `value` is inside of
 * @returns {unknown}
 */
function copy(value, path, above) {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return checkText(value, path)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value !== 'object') throw notJson(value, path)
  if (above.includes(value)) throw new TypeError(`${path} is a part of itself`)
  if (above.length >= DEPTH) throw new TypeError(`${path} is nested too deep: ${DEPTH} levels`)
  above.push(value)
  const copied = Array.isArray(value)
    ? copyArray(value, path, above)
    : copyObject(value, path, above)
  above.pop()
  return copied
}

/** @type {(value: unknown[], path: string, above: object[]) => unknown[]} */
function copyArray(value, path, above) {
  // Array.from visits holes too; they are undefined, which is not JSON.
  return Array.from(value, (item, index) => copy(item, `${path}[${index}]`, above))
}

/** @type {(value: object, path: string, above: object[]) => object} */
function copyObject(value, path, above) {
  if (!isPlain(value)) throw notJson(value, path)
  /** @type {Record<string, unknown>} */
  const copied = {}
  for (const [key, item] of Object.entries(value)) {
    if (POISON_KEYS.includes(key)) throw new TypeError(`${path} may not have a field "${key}"`)
    // As JSON.stringify does: a field that is undefined is absent.
    if (item !== undefined) copied[checkText(key, path)] = copy(item, `${path}.${key}`, above)
  }
  return copied
}

/** @type {(text: string, path: string) => string} */
function checkText(text, path) {
  if (LONE_SURROGATE.test(text)) throw new TypeError(`${path} has half of a surrogate pair`)
  return text
}

/** Whether it is `{}` of this page or of another one, and not of a class. @param {object} value */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** @type {(value: unknown, path: string) => TypeError} */
function notJson(value, path) {
  return new TypeError(`${path} is not JSON: ${describe(value)}`)
}
