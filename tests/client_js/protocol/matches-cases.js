/**
 * Cases for `matches`, each with XState's own answer: `[pattern, value, matches]`.
 *
 * `node tests/client_js/protocol/matches-cases.js` writes them as JSON; the tests of both languages
 * check the same ones. They leave out where XState is wrong about plain names:
 *
 * - a name that every object inherits: `matchesState('toString', { a: 'b' })` is true there. Ours
 *   says no: to a room it is a name like any other.
 * - a backslash at the end: XState reads `'a\\'` as `'aundefined'`; to us it ends in nothing.
 * - a value with both a state `machine` and a state `value`: XState takes it for a snapshot.
 */

import { pathToFileURL } from 'node:url'
import { matchesState } from 'xstate'
import { Dice } from './dice.js'

/** @typedef {import('../../../client_facade/js/index.d.ts').StateValue} StateValue */

export const COUNT = 10_000
const SEED = 6902

/** Names of states: some look like paths, some like array indexes, some are no ASCII. */
const NAMES = ['a', 'b', 'c', 'd', 'ab', 'a.b', 'b.c', 'a\\b', '.', '', '0', '1', '01', 'é😀', '#']

/** Makes values, and patterns that have something to do with them. */
class Maker {
  #dice

  /** @param {Dice} dice */
  constructor(dice) {
    this.#dice = dice
  }

  /** @returns {[StateValue, StateValue]} a pattern and a value */
  pair() {
    const value = this.#value(4)
    if (this.#dice.hits(0.1)) return [this.#value(3), value]
    const pattern = this.#dice.hits(0.4) ? this.#path(value) : this.#part(value)
    return [this.#dice.hits(0.45) ? this.#mutated(pattern) : pattern, value]
  }

  #name() {
    return this.#dice.pick(NAMES)
  }

  /** @type {(depth: number) => StateValue} */
  #value(depth) {
    if (depth === 0 || this.#dice.hits(0.25)) return this.#leaf()
    const regions = this.#dice.hits(0.5) ? 1 : 2 + this.#dice.below(2)
    const names = Array.from({ length: regions }, () => this.#name())
    return Object.fromEntries(names.map((name) => [name, this.#value(depth - 1)]))
  }

  #leaf() {
    return this.#dice.hits(0.8) ? escaped(this.#name()) : this.#dottedName()
  }

  #dottedName() {
    return `${escaped(this.#name())}.${escaped(this.#name())}`
  }

  /** @type {(value: StateValue) => string} a path into the value, seldom to its leaf */
  #path(value) {
    if (typeof value === 'string') return value
    const key = this.#dice.pick(Object.keys(value))
    const inner = value[key]
    if (inner === undefined || this.#dice.hits(0.35)) return escaped(key)
    return `${escaped(key)}.${this.#path(inner)}`
  }

  /** @type {(value: StateValue) => StateValue} some of the value's keys, to some depth */
  #part(value) {
    if (typeof value === 'string' || this.#dice.hits(0.2)) return this.#path(value)
    const entries = Object.entries(value).filter(() => this.#dice.hits(0.8))
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, inner === undefined ? '' : this.#part(inner)]),
    )
  }

  /** @type {(pattern: StateValue) => StateValue} */
  #mutated(pattern) {
    return typeof pattern === 'string' ? this.#mutatedPath(pattern) : this.#mutatedObject(pattern)
  }

  /** @type {(path: string) => StateValue} */
  #mutatedPath(path) {
    const ways = [
      () => `${path}.${escaped(this.#name())}`,
      () => `${path}${escaped(this.#name())}`,
      () => path.replaceAll('\\', ''),
      () => path.slice(path.indexOf('.') + 1),
      () => path.slice(0, 1),
      () => escaped(path),
      () => this.#leaf(),
      () => ({ [path]: this.#leaf() }),
    ]
    return this.#dice.pick(ways)()
  }

  /** @type {(pattern: { readonly [key: string]: StateValue }) => StateValue} */
  #mutatedObject(pattern) {
    const keys = Object.keys(pattern)
    const key = keys.length && this.#dice.hits(0.7) ? this.#dice.pick(keys) : this.#name()
    const inner = pattern[key]
    if (inner !== undefined && this.#dice.hits(0.6)) {
      return { ...pattern, [key]: this.#mutated(inner) }
    }
    return { ...pattern, [key]: this.#value(1) }
  }
}

/** @type {(name: string) => string} */
function escaped(name) {
  return name.replace(/[\\.]/g, '\\$&')
}

/** @type {(state: StateValue) => boolean} whether a backslash stands last in a string */
function endsOpen(state) {
  if (typeof state === 'string') return /(^|[^\\])(\\\\)*\\$/.test(state)
  return Object.values(state).some((inner) => inner !== undefined && endsOpen(inner))
}

/** @returns {[StateValue, StateValue, boolean][]} */
export function cases(count = COUNT, seed = SEED) {
  const maker = new Maker(new Dice(seed))
  /** @type {[StateValue, StateValue, boolean][]} */
  const found = []
  while (found.length < count) {
    const [pattern, value] = maker.pair()
    if (endsOpen(pattern) || endsOpen(value)) continue
    found.push([pattern, value, matchesState(pattern, value)])
  }
  return found
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(JSON.stringify(cases()))
}
