// @ts-check
/** What is checked before anything connects: events, addresses, samples of a clock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { websocketUrl } from '../../client_facade/js/src/address.js'
import { copyEvent } from '../../client_facade/js/src/event.js'
import { ServerTime } from '../../client_facade/js/src/server-time.js'

/** @type {any} */
const cyclic = { type: 'add' }
cyclic.by = [cyclic]

for (const [by, message] of /** @type {[unknown, RegExp][]} */ ([
  [Number.NaN, /^event\.by is not JSON: NaN/],
  [Number.POSITIVE_INFINITY, /^event\.by is not JSON: Infinity/],
  [10n, /^event\.by is not JSON: 10 \(bigint\)/],
  [() => 1, /^event\.by is not JSON: a function/],
  [Symbol('x'), /^event\.by is not JSON: Symbol\(x\)/],
  [new Date(0), /^event\.by is not JSON: a Date/],
  [new Map(), /^event\.by is not JSON: a Map/],
  [new (class Card {})(), /^event\.by is not JSON: a Card/],
  [new Uint8Array(1), /^event\.by is not JSON: a Uint8Array/],
  [[1, [undefined]], /^event\.by\[1\]\[0\] is not JSON: undefined/],
  [Array(1), /^event\.by\[0\] is not JSON: undefined/],
  [{ a: { b: '\ud800' } }, /^event\.by\.a\.b has half of a surrogate pair/],
  [{ '\udc00': 1 }, /^event\.by has half of a surrogate pair/],
  [JSON.parse('{"__proto__": 1}'), /^event\.by may not have a field "__proto__"/],
  [cyclic, /^event\.by\.by\[0\] is a part of itself/],
])) {
  test(`an event is refused: ${message}`, () => {
    assert.throws(() => copyEvent({ type: 'add', by }), { name: 'TypeError', message })
  })
}

test('an event has a type', () => {
  for (const event of [undefined, null, 'add', {}, { type: 1 }, 7, () => {}]) {
    assert.throws(() => copyEvent(event), { name: 'TypeError', message: /an event has a type/ })
  }
})

test('what JSON can write is copied, deeply', () => {
  const shared = { x: 1 }
  const event = {
    type: 'add',
    text: 'a 👍',
    list: [shared, shared, null, true, -0.5],
    none: undefined,
  }
  const copied = copyEvent(event)
  assert.deepEqual(copied, {
    type: 'add',
    text: 'a 👍',
    list: [{ x: 1 }, { x: 1 }, null, true, -0.5],
  })
  assert(!Object.hasOwn(copied, 'none'))
  shared.x = 2
  assert.deepEqual(/** @type {any} */ (copied.list)[0], { x: 1 })
  assert.deepEqual(copyEvent(Object.assign(Object.create(null), event)), copyEvent(event))
  assert.deepEqual(copyEvent(Object.freeze({ type: 'a' })), { type: 'a' })
})

test('an address becomes that of a WebSocket', () => {
  assert.equal(websocketUrl('http://host:1/parties/a/b?_pk=c#d'), 'ws://host:1/parties/a/b?_pk=c')
  assert.equal(websocketUrl(new URL('https://host/x')), 'wss://host/x')
  assert.equal(websocketUrl('wss://host/x'), 'wss://host/x')
})

test('an address without a host is of this page', () => {
  assert.throws(() => websocketUrl('/parties/a/b'), { name: 'TypeError', message: /ws:\/\/host/ })
  Object.assign(globalThis, { location: new URL('https://host/parties/a/b#screen') })
  assert.equal(websocketUrl('/parties/a/c'), 'wss://host/parties/a/c')
  assert.equal(websocketUrl('c'), 'wss://host/parties/a/c')
  Reflect.deleteProperty(globalThis, 'location')
  assert.throws(() => websocketUrl('file:///etc/passwd'), {
    name: 'TypeError',
    message: /no address/,
  })
})

test('the quickest answer tells the time, until it is old', () => {
  const time = new ServerTime()
  assert.equal(time.now(5), 5)
  time.sample(10_000, 0, 100)
  assert.equal(time.now(100), 10_050)
  time.sample(10_500, 200, 220)
  assert.equal(time.now(220), 10_510)
  time.sample(99_999, 300, 350)
  assert.equal(time.now(350), 10_640)
  time.sample(400_000, 300_200, 300_300)
  assert.equal(time.now(300_300), 400_050)
  time.doubt()
  time.sample(500_000, 300_400, 305_400)
  assert.equal(time.now(305_400), 502_500)
})
