/** `matches`: XState's answers, and where ours differs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchesState } from 'xstate'
import { matches, pathOf } from '../../../client_facade/js/src/protocol/state-value.js'
import { COUNT, cases } from './matches-cases.js'

/** @typedef {import('../../../client_facade/js/index.d.ts').StateValue} StateValue */
/** @typedef {(pattern: StateValue, value: StateValue) => boolean} Matches */

const CASES = cases()

/** @type {(one: Matches) => number} how many cases it gets wrong */
function wrong(one) {
  return CASES.filter(([pattern, value, expected]) => one(pattern, value) !== expected).length
}

test('matches is what XState says, in 10,000 cases', () => {
  const disagreed = CASES.filter(([pattern, value, is]) => matches(pattern, value) !== is)

  assert.deepEqual(disagreed, [])
})

test('the cases are not trivial', () => {
  const isDeep = (/** @type {StateValue} */ state) => JSON.stringify(state).split(':').length > 2
  const share = (/** @type {(one: (typeof CASES)[number]) => boolean} */ of) =>
    CASES.filter(of).length / COUNT

  assert.equal(CASES.length, COUNT)
  assert.ok(Math.abs(share(([, , is]) => is) - 0.5) < 0.1, 'about half of them match')
  assert.ok(new Set(CASES.map((one) => JSON.stringify(one))).size > COUNT * 0.7)
  assert.ok(share(([, value, is]) => is && isDeep(value)) > 0.25)
  assert.ok(share(([pattern, , is]) => is && isDeep(pattern)) > 0.1)
  assert.ok(share(([pattern]) => typeof pattern === 'string' && pattern.includes('.')) > 0.1)
  assert.ok(share(([pattern]) => JSON.stringify(pattern).includes('\\\\.')) > 0.05)
})

/**
 * `matches` again, in which one thing can be made wrong.
 *
 * @param {{
 *   path?: (state: string) => string[],
 *   leaf?: (wanted: StateValue, active: string) => boolean,
 *   name?: (wanted: string, active: Record<string, any>) => boolean,
 *   hold?: 'every' | 'some',
 *   absent?: boolean,
 * }} changes
 * @returns {Matches}
 */
function variant({
  path = pathOf,
  leaf = (wanted, active) => wanted === active,
  name = (wanted, active) => Object.hasOwn(active, wanted),
  hold = 'every',
  absent = false,
}) {
  /** @type {(pattern: any, value: any) => boolean} */
  const one = (pattern, value) => {
    const wanted = nested(pattern)
    const active = nested(value)
    if (typeof active === 'string') return leaf(wanted, active)
    if (typeof wanted === 'string') return name(wanted, active)
    const held = Object.entries(wanted).map(([key, part]) =>
      Object.hasOwn(active, key) ? one(part, active[key]) : absent,
    )
    return hold === 'every' ? !held.includes(false) : held.includes(true)
  }
  /** @type {(state: any) => any} */
  const nested = (state) => {
    if (typeof state !== 'string') return state
    const parts = path(state)
    const leaf = /** @type {any} */ (parts.pop())
    return parts.reduceRight((inner, part) => ({ [part]: inner }), leaf)
  }
  return one
}

test('a matches that is right, written otherwise, gets all of them', () => {
  assert.equal(wrong(variant({})), 0)
})

const MUTANTS = {
  'has no escapes': variant({ path: (state) => state.split('.') }),
  'has no paths': variant({ path: (state) => [state] }),
  'lets a leaf be less than a pattern': variant({
    leaf: (wanted, active) =>
      (typeof wanted === 'string' ? wanted : Object.keys(wanted)[0]) === active,
  }),
  'lets an empty object match a leaf': variant({
    leaf: (wanted, active) => wanted === active || Object.keys(wanted).length === 0,
  }),
  'compares beginnings': variant({
    leaf: (wanted, active) => typeof wanted === 'string' && active.startsWith(wanted),
  }),
  'takes a name for a whole value': variant({
    name: (wanted, active) => Object.hasOwn(active, wanted) && Object.keys(active).length === 1,
  }),
  'is content with one key': variant({ hold: 'some' }),
  'does not mind a missing key': variant({ absent: true }),
}

for (const [name, mutant] of Object.entries(MUTANTS)) {
  test(`a matches that ${name} is noticed`, () => {
    assert.ok(wrong(mutant) >= 10, `only ${wrong(mutant)} cases notice`)
  })
}

test('an inherited name is no state, though XState says so', () => {
  assert.equal(matchesState('toString', { a: 'b' }), true)
  for (const name of ['toString', 'hasOwnProperty', 'valueOf', '__proto__', 'constructor']) {
    assert.equal(matches(name, { a: 'b' }), false)
    // A function, too, has things of its own: its name.
    for (const part of ['a', 'name', {}]) assert.equal(matches({ [name]: part }, { a: 'b' }), false)
    assert.equal(matches(name, name), true)
    assert.equal(matches(name, { [name]: 'a' }), true)
    assert.equal(matches(`${name}.a`, { [name]: 'a' }), true)
    assert.equal(matches({ [name]: 'a' }, `${name}.a`), true)
  }
})

test('a backslash at the end stands for nothing, though XState reads "undefined"', () => {
  assert.equal(matchesState('a\\', 'aundefined'), true)
  assert.equal(matches('a\\', 'a'), true)
})

test('a state may be called machine, and one beside it value', () => {
  assert.equal(matches('machine', { machine: 'a', value: 'b' }), true)
})

test('the segments of a path', () => {
  assert.deepEqual(pathOf('a'), ['a'])
  assert.deepEqual(pathOf(''), [''])
  assert.deepEqual(pathOf('a..b'), ['a', '', 'b'])
  assert.deepEqual(pathOf('a\\.b.c'), ['a.b', 'c'])
  assert.deepEqual(pathOf('a\\\\.b'), ['a\\', 'b'])
  assert.deepEqual(pathOf('\\😀.a'), ['😀', 'a'])
})
