/** `apply`: what it shares, what it refuses, and that it does what the plainest way does. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PatchError } from '../../../client_facade/js/src/protocol/error.js'
import { apply } from '../../../client_facade/js/src/protocol/patch.js'
import { Dice } from './dice.js'
import { drawKey, drawValue, frozen, placesIn, pointerOf } from './json.js'
import { plainApply } from './plain-patch.js'

/** @typedef {import('../../../client_facade/js/src/protocol/message.d.ts').Operation} Operation */

/** @type {(document: any, ...operations: any[]) => PatchError} */
function refusal(document, ...operations) {
  try {
    apply(document, operations)
  } catch (error) {
    if (error instanceof PatchError) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'it was applied' })
}

// -- sharing -----------------------------------------------------------------------------

test('what no operation touches keeps its identity', () => {
  const document = frozen({ a: { b: [{ c: 1 }, { d: 2 }] }, e: { f: 3 } })

  const next = apply(document, [{ op: 'replace', path: '/a/b/0/c', value: 9 }])

  assert.deepEqual(next, { a: { b: [{ c: 9 }, { d: 2 }] }, e: { f: 3 } })
  assert.equal(next.e, document.e)
  assert.equal(next.a.b[1], document.a.b[1])
  assert.notEqual(next.a, document.a)
})

test('no operations, or none that changes anything, give the same object', () => {
  const document = frozen({ a: 1 })

  assert.equal(apply(document, []), document)
  assert.equal(apply(document, [{ op: 'test', path: '/a', value: 1 }]), document)
})

test('a value of an operation is not changed by a later operation', () => {
  const value = frozen({ list: [1] })

  const next = apply({}, [
    { op: 'add', path: '/a', value },
    { op: 'add', path: '/a/list/-', value: 2 },
  ])

  assert.deepEqual(next, { a: { list: [1, 2] } })
  assert.deepEqual(value, { list: [1] })
})

test('a copy and what it is of are two', () => {
  const next = apply({ a: { list: [{}] } }, [
    { op: 'add', path: '/a/list/0/x', value: 1 },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/a/list/0/y', value: 2 },
    { op: 'add', path: '/b/list/0/z', value: 3 },
    { op: 'copy', from: '', path: '/c' },
    { op: 'remove', path: '/c/a/list/0' },
  ])

  const a = { list: [{ x: 1, y: 2 }] }
  const b = { list: [{ x: 1, z: 3 }] }
  assert.deepEqual(next, { a, b, c: { a: { list: [] }, b } })
})

let copies = 0

/** An array that counts how often it, or a copy of it, is copied. */
class Counted extends Array {
  /** @override @param {[number?, number?]} range */
  slice(...range) {
    copies += 1
    return super.slice(...range)
  }
}

for (const op of ['replace', 'copy']) {
  test(`many operations (${op}) copy a large array once`, () => {
    const items = Counted.from({ length: 2_000 }, (_, index) => index)
    const operations = items.map((/** @type {number} */ index) =>
      op === 'copy'
        ? { op, from: `/items/${index}`, path: '/items/-' }
        : { op, path: `/items/${index}`, value: -index },
    )
    copies = 0

    const next = apply({ items }, operations)

    assert.ok(next.items instanceof Counted)
    assert.equal(next.items.length, op === 'copy' ? 4_000 : 2_000)
    assert.equal(copies, 1)
  })
}

// -- refusals ----------------------------------------------------------------------------

test('an error says which operation, and why', () => {
  const broken = { op: 'remove', path: '/b' }

  const error = refusal({ a: 1 }, { op: 'remove', path: '/a' }, broken)

  assert.deepEqual([error.index, error.operation, error.reason], [1, broken, 'no member "b"'])
  assert.equal(error.message, 'operation 1 (remove "/b"): no member "b"')
  assert.equal(error.name, 'PatchError')
})

const POISONED = [
  '/__proto__',
  '/__proto__/polluted',
  '/a/__proto__/polluted',
  '/constructor/prototype',
  '/constructor/prototype/polluted',
  '/a/constructor',
  '/prototype',
]

for (const path of POISONED) {
  test(`the path ${path} is refused`, () => {
    const reason = 'a key of this name is not allowed'
    const document = JSON.parse(
      '{"a":{"__proto__":{}},"prototype":1,"constructor":{"prototype":1}}',
    )
    const operations = [
      { op: 'add', path, value: true },
      { op: 'replace', path, value: true },
      { op: 'remove', path },
      { op: 'test', path, value: true },
      { op: 'move', from: '/a', path },
      { op: 'move', from: path, path: '/b' },
      { op: 'copy', from: path, path: '/b' },
    ]

    for (const operation of operations) assert.equal(refusal(document, operation).reason, reason)
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })
}

test('an inherited name is a key like any other', () => {
  for (const name of ['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']) {
    const path = `/${name}`
    assert.equal(refusal({}, { op: 'remove', path }).reason, `no member "${name}"`)
    assert.equal(refusal([], { op: 'test', path, value: 1 }).index, 0)
    assert.equal(refusal({}, { op: 'add', path: `${path}/a`, value: 1 }).index, 0)
    assert.deepEqual(apply({}, [{ op: 'add', path, value: 1 }]), { [name]: 1 })
    assert.deepEqual(apply({ [name]: 1 }, [{ op: 'remove', path }]), {})
    assert.equal(refusal({ a: {} }, { op: 'test', path: '/a', value: { [name]: 1 } }).index, 0)
  }
})

test('a document with a forbidden key of its own is copied as it is', () => {
  const document = frozen(JSON.parse('{"a":1,"__proto__":{"b":2}}'))

  const next = apply(document, [{ op: 'replace', path: '/a', value: 3 }])

  assert.equal(JSON.stringify(next), '{"a":3,"__proto__":{"b":2}}')
  assert.equal(Object.getPrototypeOf(next), Object.prototype)
  assert.equal(next.b, undefined)
})

test('an operation that lacks something is refused', () => {
  for (const operation of [
    {},
    { op: 'add' },
    { op: 'add', path: '/a' },
    { op: 'move', path: '' },
  ]) {
    assert.equal(refusal({}, operation).index, 0)
  }
  assert.equal(refusal({}, { op: 'splice', path: '' }).reason, 'no operation "splice"')
  assert.equal(refusal({}, { op: 'toString', path: '' }).reason, 'no operation "toString"')
})

// -- at random ---------------------------------------------------------------------------

/** @type {(dice: Dice, document: any) => string} a path to, or next to, something there */
function drawPath(dice, document) {
  const place = dice.pick(placesIn(document))
  if (dice.hits(0.8)) return pointerOf(place)
  return pointerOf([...place.slice(0, dice.hits(0.5) ? -1 : undefined), drawKey(dice)])
}

/** @type {(dice: Dice, document: any) => Operation} */
function drawOperation(dice, document) {
  const op = dice.pick(['add', 'remove', 'replace', 'move', 'copy', 'test'])
  const path = drawPath(dice, document)
  if (op === 'remove') return { op, path }
  if (op === 'move' || op === 'copy') return { op, from: drawPath(dice, document), path }
  const plain = op === 'test' ? plainApply(document, [{ op: 'copy', from: path, path: '' }]) : null
  if (plain && 'result' in plain && dice.hits(0.8)) return { op, path, value: plain.result }
  return { op, path, value: drawValue(dice, 2) }
}

test('a patch does what it does to a deep copy, and shares the rest', () => {
  const dice = new Dice(1)
  const count = { applied: 0, refused: 0, shared: 0 }
  for (let round = 0; round < 5_000; round += 1) {
    const document = frozen({ ...drawValue(dice, 3), list: [1, { a: 2 }], more: { a: { b: 1 } } })
    const length = 1 + dice.below(4)
    const operations = frozen(Array.from({ length }, () => drawOperation(dice, document)))
    const plain = plainApply(document, operations)
    if ('failsAt' in plain) {
      assert.equal(refusal(document, ...operations).index, plain.failsAt)
      count.refused += 1
      continue
    }
    const result = apply(document, operations)
    assert.deepEqual(result, plain.result, JSON.stringify({ document, operations }))
    count.applied += 1
    const touched = operations.flatMap(({ path, from }) => [path, from ?? path])
    for (const key of ['list', 'more']) {
      if (touched.some((path) => path === '' || path.split('/')[1] === key)) continue
      assert.equal(result[key], document[key])
      count.shared += 1
    }
  }
  assert.ok(Math.min(...Object.values(count)) > 1_000, JSON.stringify(count))
})
