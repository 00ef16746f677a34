/** RFC 6902 in the plainest way: on a deep copy, one operation after the other. */

import { isDeepStrictEqual } from 'node:util'

/**
 * The document after the operations, or the index of the one that does not apply.
 *
 * @param {any} document
 * @param {readonly any[]} operations
 * @returns {{ result: any } | { failsAt: number }}
 */
export function plainApply(document, operations) {
  // The document is the member "" of its holder, so that every path has a parent.
  const holder = { '': structuredClone(document) }
  for (const [index, operation] of operations.entries()) {
    if (!step(holder, structuredClone(operation))) return { failsAt: index }
  }
  return { result: holder[''] }
}

/** @type {(holder: any, operation: any) => boolean} whether it applies */
function step(holder, { op, path, from, value }) {
  if (op === 'add') return add(holder, path, value)
  if (op === 'remove') return path !== '' && remove(holder, path) !== undefined
  if (op === 'test') return isDeepStrictEqual(get(holder, path), value)
  if (op === 'replace') return replace(holder, path, value)
  const found = structuredClone(get(holder, from))
  if (found === undefined) return false
  if (op === 'copy' || from === path) return op === 'move' || add(holder, path, found)
  if (`${path}/`.startsWith(`${from}/`)) return false
  remove(holder, from)
  return add(holder, path, found)
}

/** @type {(holder: any, pointer: string) => [parent: any, token: string]} */
function place(holder, pointer) {
  const tokens = pointer.split('/').map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'))
  const last = tokens.pop() ?? ''
  return [tokens.reduce((node, token) => member(node, token), holder), last]
}

/** @type {(node: any, token: string) => any} */
function member(node, token) {
  if (typeof node !== 'object' || node === null) return undefined
  if (Array.isArray(node) && !isIndex(token, node.length - 1)) return undefined
  return Object.hasOwn(node, token) ? node[token] : undefined
}

/** @type {(token: string, last: number) => boolean} */
function isIndex(token, last) {
  return String(Number.parseInt(token, 10)) === token && Number(token) >= 0 && Number(token) <= last
}

/** @type {(holder: any, pointer: string) => any} */
function get(holder, pointer) {
  return member(...place(holder, pointer))
}

/** @type {(holder: any, pointer: string, value: any) => boolean} */
function add(holder, pointer, value) {
  const [parent, token] = place(holder, pointer)
  if (typeof parent !== 'object' || parent === null) return false
  if (!Array.isArray(parent)) parent[token] = value
  else if (token === '-') parent.push(value)
  else if (isIndex(token, parent.length)) parent.splice(Number(token), 0, value)
  else return false
  return true
}

/** @type {(holder: any, pointer: string, value: any) => boolean} */
function replace(holder, pointer, value) {
  const [parent, token] = place(holder, pointer)
  if (member(parent, token) === undefined) return false
  parent[token] = value
  return true
}

/** @type {(holder: any, pointer: string) => any} */
function remove(holder, pointer) {
  const [parent, token] = place(holder, pointer)
  const found = member(parent, token)
  if (found === undefined) return undefined
  if (Array.isArray(parent)) parent.splice(Number(token), 1)
  else delete parent[token]
  return found
}
