/** `keepIdentity`: equal to the new value, with everything of the old one that is the same. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { keepIdentity } from '../../../client_facade/js/src/protocol/identity.js'
import { Dice } from './dice.js'
import { drawChange, drawValue, frozen } from './json.js'

test('what is equal is the old one', () => {
  const old = frozen({ a: { b: [1, { c: 2 }] }, d: [3] })

  const kept = keepIdentity(old, frozen({ d: [4], a: { b: [1, { c: 2 }] } }))

  assert.deepEqual(kept, { a: { b: [1, { c: 2 }] }, d: [4] })
  assert.equal(kept.a, old.a)
  assert.equal(keepIdentity(old, structuredClone(old)), old)
})

test('what has become another kind of value is the new one', () => {
  const values = [{}, [], null, 0, '', false, { 0: 1 }, [1], undefined]
  for (const old of values) {
    for (const next of values) assert.deepEqual(keepIdentity(old, next), next)
  }
})

test('a key less, a key more and an inherited key are changes', () => {
  const old = { a: { b: 1, c: 2 } }

  assert.deepEqual(keepIdentity(old, { a: { b: 1 } }), { a: { b: 1 } })
  assert.deepEqual(keepIdentity({ a: { b: 1 } }, old), old)
  assert.deepEqual(keepIdentity({ a: 1 }, { toString: 1 }), { toString: 1 })
  assert.deepEqual(keepIdentity([1, 2], [1]), [1])
  assert.deepEqual(keepIdentity([1], [1, 2]), [1, 2])
})

test('a forbidden key does not reach a prototype', () => {
  const kept = keepIdentity({ a: 1 }, JSON.parse('{"a":1,"__proto__":{"polluted":true}}'))

  assert.equal(Object.getPrototypeOf(kept), Object.prototype)
  assert.equal(JSON.stringify(kept), '{"a":1,"__proto__":{"polluted":true}}')
  const empty = keepIdentity({}, JSON.parse('{"__proto__":{}}'))
  assert.notEqual(Object.entries(empty)[0]?.[1], Object.prototype)
})

/** Every part of `kept` that equals the one of `old` at its place has to be that one.
 *
 * @type {(old: any, kept: any) => number} how many are */
function shared(old, kept) {
  if (typeof old !== 'object' || typeof kept !== 'object' || !old || !kept) return 0
  if (isDeepStrictEqual(old, kept)) {
    assert.equal(kept, old)
    return 1
  }
  if (Array.isArray(old) !== Array.isArray(kept)) return 0
  const keys = Object.keys(kept).filter((key) => Object.hasOwn(old, key))
  return keys.reduce((sum, key) => sum + shared(old[key], kept[key]), 0)
}

test('at random: equal to the new one, and as much of the old one as can be', () => {
  const dice = new Dice(2)
  const count = { shared: 0, same: 0, changed: 0 }
  for (let round = 0; round < 5_000; round += 1) {
    const old = frozen(drawValue(dice, 4))
    const next = frozen(drawChange(dice, old))
    const kept = keepIdentity(old, next)
    assert.deepEqual(kept, next)
    count.shared += shared(old, kept)
    count[kept === old ? 'same' : 'changed'] += 1
  }
  assert.ok(Math.min(...Object.values(count)) > 200, JSON.stringify(count))
})
