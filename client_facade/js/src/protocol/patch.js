// @ts-check
/**
 * RFC 6902: a document after a patch, as a new document that shares what did not change.
 *
 * `apply` never changes its arguments. What no operation touches keeps its identity, so that
 * `old.players === next.players` answers whether anything in there changed.
 */

import { PatchError } from './error.js'
import { POISON_KEYS } from './table.js'

/** @typedef {import('./message.d.ts').Operation} Operation */

/**
 * `document` after `operations` (RFC 6902); all of them, or `PatchError` and none.
 *
 * A path with `__proto__`, `prototype` or `constructor` in it is refused.
 *
 * @param {any} document a JSON value; it may be frozen
 * @param {Iterable<Operation>} operations
 * @returns {any}
 */
export function apply(document, operations) {
  const draft = new Draft(document)
  let index = 0
  for (const operation of operations) {
    try {
      const step = OPERATIONS.get(operation.op)
      if (!step) throw new Refusal(`no operation "${operation.op}"`)
      step(draft, operation)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw new PatchError(index, operation, error.message)
    }
    index += 1
  }
  return draft.root
}

/** Why one operation does not apply. */
class Refusal extends Error {}

/** A document that is being changed: what it has copied itself, it may change in place. */
class Draft {
  /** The containers that only this draft has. What holds one of them is one of them itself. */
  #copies = new Set()

  /** @param {any} root */
  constructor(root) {
    this.root = root
  }

  /** @type {(tokens: string[]) => any} */
  find(tokens) {
    return tokens.reduce(child, this.root)
  }

  /** @type {(tokens: string[], value: any) => void} */
  add(tokens, value) {
    const last = tokens.at(-1)
    if (last === undefined) {
      this.root = value
      return
    }
    const parent = this.#parent(tokens)
    if (!Array.isArray(parent)) parent[last] = value
    else parent.splice(last === '-' ? parent.length : indexOf(last, parent.length), 0, value)
  }

  /** @type {(tokens: string[], value: any) => void} */
  replace(tokens, value) {
    const last = tokens.at(-1)
    if (last === undefined) {
      this.root = value
      return
    }
    const parent = this.#parent(tokens)
    child(parent, last)
    parent[last] = value
  }

  /** @type {(tokens: string[]) => any} */
  remove(tokens) {
    const last = tokens.at(-1)
    if (last === undefined) throw new Refusal('the whole document cannot be removed')
    const parent = this.#parent(tokens)
    const removed = child(parent, last)
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else delete parent[last]
    return removed
  }

  /**
   * Treat `node` as shared from here on: it has got a second place.
   *
   * @param {any} node
   */
  share(node) {
    if (!this.#copies.delete(node)) return
    for (const part of Object.values(node)) this.share(part)
  }

  /**
   * The container of the last token, copied along the way from the root.
   *
   * @param {string[]} tokens
   */
  #parent(tokens) {
    let node = this.#own(this.root)
    this.root = node
    for (const token of tokens.slice(0, -1)) {
      const copy = this.#own(child(node, token))
      node[token] = copy
      node = copy
    }
    return node
  }

  /** @param {any} node */
  #own(node) {
    if (this.#copies.has(node)) return node
    const copy = Array.isArray(node) ? node.slice() : { ...container(node) }
    this.#copies.add(copy)
    return copy
  }
}

/** @type {(node: any, token: string) => any} */
function child(node, token) {
  if (Array.isArray(node)) return node[indexOf(token, node.length - 1)]
  if (!Object.hasOwn(container(node), token)) throw new Refusal(`no member "${token}"`)
  return node[token]
}

/** @type {(node: any) => object} */
function container(node) {
  if (typeof node === 'object' && node !== null) return node
  throw new Refusal('the path leads into a value that is neither object nor array')
}

/**
 * The array index that `token` writes (RFC 6901, section 4), at most `last`.
 *
 * @param {string} token
 * @param {number} last
 */
function indexOf(token, last) {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(token)) throw new Refusal(`"${token}" is not an array index`)
  if (Number(token) > last) throw new Refusal(`index ${token} is beyond the array`)
  return Number(token)
}

/**
 * The reference tokens of the JSON Pointer (RFC 6901) that is the operation's `name`.
 *
 * @param {Operation} operation
 * @param {'path' | 'from'} name
 * @returns {string[]}
 */
function tokensOf(operation, name) {
  const pointer = member(operation, name)
  if (pointer === '') return []
  if (typeof pointer !== 'string' || pointer[0] !== '/') {
    throw new Refusal('a path is empty or begins with "/"')
  }
  const tokens = pointer.slice(1).split('/')
  const keys = pointer.includes('~') ? tokens.map(unescaped) : tokens
  if (keys.some((key) => POISON_KEYS.includes(key))) {
    throw new Refusal('a key of this name is not allowed')
  }
  return keys
}

/** @type {(token: string) => string} */
function unescaped(token) {
  if (/~(?![01])/.test(token)) throw new Refusal('"~" stands only before 0 or 1')
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** @type {(operation: Operation, name: 'path' | 'from' | 'value') => any} */
function member(operation, name) {
  if (Object.hasOwn(operation, name)) return operation[name]
  throw new Refusal(`no member "${name}"`)
}

/** @typedef {(draft: Draft, operation: Operation) => void} Step */

/** @type {Map<string, Step>} */
const OPERATIONS = new Map([
  ['add', (draft, operation) => draft.add(tokensOf(operation, 'path'), member(operation, 'value'))],
  ['remove', (draft, operation) => draft.remove(tokensOf(operation, 'path'))],
  [
    'replace',
    (draft, operation) => draft.replace(tokensOf(operation, 'path'), member(operation, 'value')),
  ],
  ['move', move],
  ['copy', copy],
  ['test', test],
])

/** @type {Step} */
function move(draft, operation) {
  const source = tokensOf(operation, 'from')
  const target = tokensOf(operation, 'path')
  const inside = source.every((token, index) => token === target[index])
  if (inside && source.length === target.length) draft.find(source)
  else if (inside) throw new Refusal('a value cannot be moved into itself')
  else draft.add(target, draft.remove(source))
}

/** @type {Step} */
function copy(draft, operation) {
  const value = draft.find(tokensOf(operation, 'from'))
  draft.share(value)
  draft.add(tokensOf(operation, 'path'), value)
}

/** @type {Step} */
function test(draft, operation) {
  if (!equal(draft.find(tokensOf(operation, 'path')), member(operation, 'value'))) {
    throw new Refusal('the value is another')
  }
}

/**
 * Equality of JSON values (RFC 6902, section 4.6): numbers by value, and 1 is not true.
 *
 * @type {(left: any, right: any) => boolean}
 */
function equal(left, right) {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]))
  )
}
