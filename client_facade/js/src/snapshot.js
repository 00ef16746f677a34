// @ts-check
/**
 * What a member sees of a machine, as XState's snapshot looks: a frozen view of a document.
 *
 * What must not be here: how it got here (connection.js), or how to change it (facade.js).
 *
 * @import { Document, Party, Snapshot, StateValue } from '../index.js'
 */
import { share } from './frozen.js'
import { matches } from './protocol/state-value.js'

/** @type {any} */
const NOTHING = Object.freeze({})

/** The document of each snapshot's tags is an array that keeps its identity; so do the sets. */
class FrozenSet extends Set {
  /** @param {readonly string[]} items */
  constructor(items) {
    super()
    for (const item of items) super.add(item)
    Object.freeze(this)
  }

  /** @override @returns {never} */
  add() {
    return refuse()
  }

  /** @override @returns {never} */
  delete() {
    return refuse()
  }

  /** @override @returns {never} */
  clear() {
    return refuse()
  }
}

/**
 * A snapshot of `document`. It takes the document over: nobody may change it afterwards, and
 * nobody can, since it is frozen. Parts that equal those of `previous` are the same objects; if
 * all of it does, `previous` is returned.
 *
 * @template {Party} P
 * @param {Document} document what is missing in it is empty
 * @param {Snapshot<P>} [previous]
 * @param {string} [id] of a child machine: its id
 * @returns {Snapshot<P>}
 */
export function createSnapshot(document, previous, id) {
  const own = share(previous?.document, document)
  if (previous !== undefined && own === previous.document && previous !== EMPTY) return previous
  return view(own, previous, id)
}

/** @type {(document: any, previous: Snapshot<any> | undefined, id: string | undefined) => any} */
function view(document, previous, id) {
  const value = document.value ?? NOTHING
  const can = document.can ?? NOTHING
  const tags = tagsOf(document, previous)
  return Object.freeze({
    id,
    value,
    context: document.context ?? NOTHING,
    tags,
    status: document.status ?? 'active',
    error: document.error ?? undefined, // on the wire, both are null for a machine that goes on
    output: document.output ?? undefined,
    children: childrenOf(document, previous),
    document,
    // Closures, and not methods: they work when they are taken off, as XState's do.
    matches: (/** @type {StateValue} */ pattern) => matches(pattern, value),
    hasTag: (/** @type {string} */ tag) => tags.has(tag),
    can: (/** @type {string | { type: string }} */ event) =>
      Object.hasOwn(can, typeof event === 'string' ? event : event.type),
    toJSON: () => document,
  })
}

/** @type {(document: Document, previous: Snapshot<any> | undefined) => ReadonlySet<string>} */
function tagsOf(document, previous) {
  const same = previous !== undefined && document.tags === previous.document.tags
  return same ? previous.tags : new FrozenSet(document.tags ?? [])
}

/** @type {(document: Document, previous: Snapshot<any> | undefined) => object} */
function childrenOf(document, previous) {
  const children = document.children ?? NOTHING
  if (previous !== undefined && children === (previous.document.children ?? NOTHING)) {
    return previous.children
  }
  const known = /** @type {Record<string, Snapshot<any>>} */ (previous?.children ?? NOTHING)
  const entries = Object.entries(children).map(([id, child]) => [
    id,
    createSnapshot(child, Object.hasOwn(known, id) ? known[id] : undefined, id),
  ])
  return Object.freeze(Object.fromEntries(entries))
}

/** @returns {never} */
function refuse() {
  throw new TypeError('a snapshot cannot be changed; send an event to the machine instead')
}

/**
 * What is shown before the first snapshot.
 *
 * @type {Snapshot<any>}
 */
export const EMPTY = Object.freeze({ ...view(NOTHING, undefined, undefined), status: 'stopped' })
