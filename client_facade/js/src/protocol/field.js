// @ts-check
/**
 * Fields of messages: reading a row of them from either wire form, and writing it.
 *
 * Which message has which fields is said in `table.js`, and what a message does is not known here.
 */

import { MalformedMessage } from './error.js'
import { OPERATIONS, STRUCTURES, WORDS } from './table.js'

/** @typedef {import('./table.js').Field} Field */
/** @typedef {import('./message.d.ts').Operation} Operation */

/**
 * What a field holds: how it is read from the named form (JSON objects) and from the positional
 * one (MessagePack arrays), and how it is written to the latter. `at` is where it stands in the
 * message. The named form is what we use, so it is written as it is.
 *
 * @typedef {{
 *   read: (value: any, at: string) => any,
 *   unpack: (value: any, at: string) => any,
 *   pack: (value: any) => any,
 * }} Kind
 */

/** @typedef {Record<string, any>} Row a row of fields by their names */

const ID = /^[0-9A-Za-z_-]{1,32}\.[1-9][0-9]{0,14}$/

/**
 * The fields of a named form that `fields` names; others are ignored, absent ones left out.
 *
 * @param {readonly Field[]} fields
 * @param {Row} value
 * @param {string} at
 * @param {Row} into
 * @returns {Row}
 */
export function readFields(fields, value, at, into) {
  for (const { name, holds, optional } of fields) {
    const raw = own(value, name)
    if (raw !== null || !optional) into[name] = kindOf(holds).read(raw, `${at}.${name}`)
  }
  return into
}

/**
 * The same of a positional form, from its element `start` on.
 *
 * @param {readonly Field[]} fields
 * @param {any[]} value
 * @param {number} start
 * @param {string} at
 * @param {Row} into
 * @returns {Row}
 */
export function unpackFields(fields, value, start, at, into) {
  let position = start
  for (const { name, holds, optional } of fields) {
    const raw = value[position] ?? null
    if (raw !== null || !optional) into[name] = kindOf(holds).unpack(raw, `${at}[${position}]`)
    position += 1
  }
  return into
}

/**
 * The named form of `row`: its fields in the table's order, absent ones left out.
 *
 * @param {readonly Field[]} fields
 * @param {Row} row
 * @returns {Row}
 */
export function writeFields(fields, row) {
  const present = fields.filter(({ name, optional }) => !optional || own(row, name) !== null)
  return Object.fromEntries(present.map(({ name }) => [name, row[name]]))
}

/**
 * The positional form of `row`; absent fields at the end are cut.
 *
 * @param {readonly Field[]} fields
 * @param {Row} row
 * @returns {any[]}
 */
export function packFields(fields, row) {
  const isAbsent = (/** @type {Field | undefined} */ field) =>
    field?.optional && own(row, field.name) === null
  const packed = fields.map((field) =>
    isAbsent(field) ? null : kindOf(field.holds).pack(row[field.name]),
  )
  let end = fields.length
  while (end > 0 && isAbsent(fields[end - 1])) end -= 1
  return packed.slice(0, end)
}

/**
 * What `object` itself has under `name`; null for what it has not, or inherits.
 *
 * @param {object} object
 * @param {string} name
 * @returns {any}
 */
export function own(object, name) {
  const value = Object.hasOwn(object, name) ? /** @type {Row} */ (object)[name] : null
  return value === undefined ? null : value
}

/** @type {(value: unknown) => value is Row} */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// -- kinds -------------------------------------------------------------------------------

/** @type {(value: any) => any} */
const same = (value) => value

/** @type {(allowed: (value: any) => boolean, what: string) => Kind} */
function plain(allowed, what) {
  /** @type {Kind['read']} */
  const read = (value, at) => {
    if (allowed(value)) return value
    throw new MalformedMessage(`expected ${what}`, at)
  }
  return { read, unpack: read, pack: same }
}

/** @type {(words: readonly string[]) => Kind} */
function choice(words) {
  const allowed = words.map((word) => `"${word}"`).join(' or ')
  const { read } = plain((value) => words.includes(value), allowed)
  const number = plain((value) => isOneOf(words, value), `an integer from 0 to ${words.length - 1}`)
  return {
    read,
    unpack: (value, at) => words[number.read(value, at)],
    pack: (word) => words.indexOf(word),
  }
}

/** @type {(fields: readonly Field[]) => Kind} */
function structure(fields) {
  const object = plain(isObject, 'an object')
  const array = plain(Array.isArray, 'an array')
  return {
    read: (value, at) => readFields(fields, object.read(value, at), at, {}),
    unpack: (value, at) => unpackFields(fields, array.read(value, at), 0, at, {}),
    pack: (row) => packFields(fields, row),
  }
}

/** @type {(one: Kind) => Kind} */
function list(one) {
  const array = plain(Array.isArray, 'a list')
  return {
    read: (value, at) => array.read(value, at).map((/** @type {any} */ item) => one.read(item, at)),
    unpack: (value, at) =>
      array.read(value, at).map((/** @type {any} */ item) => one.unpack(item, at)),
    pack: (items) => items.map(one.pack),
  }
}

/** @type {(row: readonly unknown[], value: any) => boolean} */
function isOneOf(row, value) {
  return Number.isInteger(value) && value >= 0 && value < row.length
}

/** @type {(value: any) => boolean} */
function isNatural(value) {
  return Number.isSafeInteger(value) && value >= 0
}

/** @type {(value: any) => boolean} */
function isString(value) {
  return typeof value === 'string'
}

/** @type {(value: any) => boolean} */
function isEvent(value) {
  return isObject(value) && isString(own(value, 'type')) && value.type !== ''
}

/** @type {(value: any) => boolean} */
function isOperation(value) {
  if (!isObject(value) || !isString(own(value, 'path'))) return false
  const row = OPERATIONS.find(({ op }) => op === own(value, 'op'))
  if (!row?.third) return row !== undefined
  return Object.hasOwn(value, row.third) && (row.third === 'value' || isString(value.from))
}

/** @type {(value: any) => boolean} */
function isPackedOperation(value) {
  return Array.isArray(value) && value.length > 1 && isOneOf(OPERATIONS, value[0])
}

const named = plain(isOperation, 'an operation of RFC 6902')
const packed = plain(isPackedOperation, 'an operation: [code, path, value]')

/** @type {Kind} */
const operation = {
  read: named.read,
  unpack: (value, at) => {
    const [code, path, third] = packed.read(value, at)
    const { op, third: name } = /** @type {{ op: string, third?: string }} */ (OPERATIONS[code])
    return named.read(name && value.length > 2 ? { op, path, [name]: third } : { op, path }, at)
  },
  pack: (/** @type {Operation} */ given) => {
    const code = OPERATIONS.findIndex(({ op }) => op === given.op)
    const name = OPERATIONS[code]?.third
    return name ? [code, given.path, given[name]] : [code, given.path]
  },
}

/** The kinds by how the table calls them. */
const KINDS = new Map(
  Object.entries({
    'any JSON value': plain(() => true, ''),
    string: plain(isString, 'a string'),
    boolean: plain((value) => typeof value === 'boolean', 'a boolean'),
    object: plain(isObject, 'an object'),
    integer: plain(isNatural, 'an integer from 0 to 2^53 - 1'),
    number: plain((value) => value >= 0 && Number.isFinite(value), 'a number, 0 or more'),
    id: plain((value) => isString(value) && ID.test(value), 'an id: "<client>.<n>", n from 1'),
    event: plain(isEvent, 'an event: an object with a string `type`'),
    'list of strings': list(plain(isString, 'a list of strings')),
    operations: list(operation),
    ...Object.fromEntries(Object.entries(WORDS).map(([name, words]) => [name, choice(words)])),
    ...Object.fromEntries(Object.entries(STRUCTURES).map(([name, row]) => [name, structure(row)])),
  }),
)

/** @type {(holds: string) => Kind} */
function kindOf(holds) {
  const kind = KINDS.get(holds)
  if (!kind) throw new TypeError(`table.js is newer than field.js: no kind "${holds}"`)
  return kind
}
