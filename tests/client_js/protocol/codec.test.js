/** The codecs: what they refuse, and that no message reaches a prototype. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExtData, encode as pack } from '@msgpack/msgpack'
import {
  codecFor,
  JSON_CODEC,
  MSGPACK_CODEC,
} from '../../../client_facade/js/src/protocol/codec.js'
import { MalformedMessage } from '../../../client_facade/js/src/protocol/error.js'
import { POISON_KEYS } from '../../../client_facade/js/src/protocol/table.js'
import { bytesOf, VECTORS } from './vectors.js'

/** @typedef {import('../../../client_facade/js/src/protocol/codec.js').Codec} Codec */

/** @type {(codec: Codec, data: any) => string} */
function reason(codec, data) {
  try {
    codec.decode(data)
  } catch (error) {
    if (error instanceof MalformedMessage) return error.reason
    throw error
  }
  throw new assert.AssertionError({ message: 'it was decoded' })
}

/** The bytes of a map with one key, which the encoder would never write. */
function packedMap(/** @type {unknown} */ key, /** @type {unknown} */ value) {
  return [0x81, ...pack(key), ...pack(value)]
}

test('a codec by its name', () => {
  assert.equal(codecFor('json'), JSON_CODEC)
  assert.equal(codecFor('msgpack'), MSGPACK_CODEC)
  assert.equal(JSON_CODEC.subprotocol, 'machine-party.v1+json')
  assert.equal(MSGPACK_CODEC.subprotocol, 'machine-party.v1+msgpack')
})

// -- what comes in -----------------------------------------------------------------------

test('text and bytes are read as they come', () => {
  const text = '{"type":"party.emit","event":{"type":"ding","text":"é😀"}}'
  const bytes = new TextEncoder().encode(text)
  const packed = /** @type {Uint8Array<ArrayBuffer>} */ (
    MSGPACK_CODEC.encode(JSON_CODEC.decode(text))
  )

  assert.deepEqual(JSON_CODEC.decode(bytes), JSON_CODEC.decode(text))
  assert.deepEqual(JSON_CODEC.decode(bytes.buffer), JSON_CODEC.decode(text))
  assert.deepEqual(MSGPACK_CODEC.decode(packed.buffer), JSON_CODEC.decode(text))
})

for (const key of POISON_KEYS) {
  const escaped = key.replace('o', '\\u006f')
  const texts = [
    `{"type":"party.pong","now":1,"${key}":1}`,
    `{"type":"party.emit","event":{"type":"a","${key}":{"polluted":true}}}`,
    `{"type":"party.emit","event":{"type":"a","${escaped}":{"polluted":true}}}`,
    `{"type":"party.chunk","stream":"a","index":0,"data":[{"a":[{"${key}":1}]}]}`,
    `{"type":"party.receipt","id":"a.1","status":"accepted","version":1,"result":{"${key}":1}}`,
  ]

  test(`the key ${key} is refused in JSON, wherever it is`, () => {
    for (const text of texts) {
      assert.equal(reason(JSON_CODEC, text), `the key "${key}" is not allowed`)
    }
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })

  test(`the key ${key} is refused in MessagePack, wherever it is`, () => {
    const poisoned = packedMap(key, { polluted: true })
    const event = [0x82, ...pack('type'), ...pack('a'), ...pack(key), ...poisoned]
    const deep = [0x91, ...packedMap('a', 0).slice(0, -1), 0x91, ...poisoned]
    const messages = [
      [0x92, 20, ...event],
      [0x94, 21, ...pack('a'), 0, ...deep],
      [0x93, 23, 1, ...poisoned],
    ]

    for (const message of messages) reason(MSGPACK_CODEC, Uint8Array.from(message))
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })

  test(`the word ${key} is a text like any other`, () => {
    const message = /** @type {any} */ ({ type: 'party.chunk', stream: key, index: 0, data: [key] })

    for (const codec of [JSON_CODEC, MSGPACK_CODEC]) {
      assert.deepEqual(codec.decode(codec.encode(message)), message)
    }
  })
}

test('an inherited name is a key like any other', () => {
  const event = { type: 'a', toString: 1, hasOwnProperty: { valueOf: [] } }
  const message = /** @type {any} */ ({ type: 'party.emit', event })

  for (const codec of [JSON_CODEC, MSGPACK_CODEC]) {
    assert.deepEqual(codec.decode(codec.encode(message)), message)
  }
})

test('what is no JSON is refused', () => {
  const texts = ['', '{', '{"type":"party.pong","now":1}x', 'null', '[]', '"party.pong"', 'NaN']
  for (const text of texts) reason(JSON_CODEC, text)
  reason(JSON_CODEC, new ArrayBuffer(0))
  const bytes = new TextEncoder().encode('{"type":"party.emit","event":{"type":"?"}}')
  reason(JSON_CODEC, Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes)) // a byte order mark
  reason(
    JSON_CODEC,
    bytes.map((byte) => (byte === 0x3f ? 0xff : byte)),
  )
})

test('what is no MessagePack is refused', () => {
  const good = pack([23, 1])

  reason(MSGPACK_CODEC, '[23,1]')
  reason(MSGPACK_CODEC, new ArrayBuffer(0))
  reason(MSGPACK_CODEC, Uint8Array.of(0xc1))
  reason(MSGPACK_CODEC, good.subarray(0, 1))
  reason(MSGPACK_CODEC, Uint8Array.of(...good, 0))
  reason(MSGPACK_CODEC, pack({ type: 'party.pong', now: 1 }))
  assert.deepEqual(MSGPACK_CODEC.decode(good), { type: 'party.pong', now: 1 })
})

test('what JSON cannot say is refused in MessagePack', () => {
  const values = [
    new Uint8Array(0),
    Uint8Array.of(1),
    new Date(0),
    new ExtData(5, Uint8Array.of(1)),
  ]
  for (const value of values) reason(MSGPACK_CODEC, pack([21, 'a', 0, value]))
  reason(MSGPACK_CODEC, Uint8Array.from([0x94, 21, ...pack('a'), 0, ...packedMap(1, 2)]))
  reason(MSGPACK_CODEC, Uint8Array.from([0x94, 21, ...pack('a'), 0, ...packedMap(null, 2)]))
})

test('nothing but MalformedMessage leaves a decoder', () => {
  for (const { from, json, msgpack } of VECTORS.messages) {
    if (from !== 'server') continue
    const bytes = bytesOf(msgpack)
    for (let at = 0; at < bytes.length; at += 1) {
      reason(MSGPACK_CODEC, bytes.subarray(0, at))
      for (const byte of [0x00, 0x81, 0x90, 0xa1, 0xc0, 0xc3, 0xcf, 0xdd, 0xff]) {
        attempt(
          MSGPACK_CODEC,
          Uint8Array.from(bytes, (old, index) => (index === at ? byte : old)),
        )
      }
    }
    for (let at = 0; at < json.length; at += 1) {
      reason(JSON_CODEC, json.slice(0, at))
      for (const text of ['', '"', '0', 'null', '{', ']']) {
        attempt(JSON_CODEC, json.slice(0, at) + text + json.slice(at + 1))
      }
    }
  }
})

/** @type {(codec: Codec, data: any) => void} */
function attempt(codec, data) {
  try {
    codec.decode(data)
  } catch (error) {
    assert.ok(error instanceof MalformedMessage, String(error))
  }
}

test('an error says where, and what was expected', () => {
  const until = '{"shared":1}'
  const text = `{"type":"party.welcome","protocol":1,"member":"m","audience":"a","epoch":1,"now":1,"resumed":true,"until":${until}}`
  const isIt = {
    name: 'MalformedMessage',
    code: 'bad_request',
    path: '$.until.own',
    message: 'bad_request at $.until.own: expected an integer from 0 to 2^53 - 1',
  }

  assert.throws(() => JSON_CODEC.decode(text), isIt)
})

// -- what goes out -----------------------------------------------------------------------

test('what is undefined is absent, in both forms', () => {
  const event = { type: 'a', b: undefined }
  const message = /** @type {any} */ ({
    type: 'party.sendTo',
    actorId: 'x',
    event,
    id: undefined,
    more: 1,
  })

  const text = '{"type":"party.sendTo","actorId":"x","event":{"type":"a"}}'
  assert.equal(JSON_CODEC.encode(message), text)
  assert.deepEqual(MSGPACK_CODEC.encode(message), pack([3, 'x', { type: 'a' }]))
  assert.equal(JSON_CODEC.encode({ ...message, id: null }), text)
})

test('bytes that were given out are not written over', () => {
  const first = MSGPACK_CODEC.encode({ type: 'party.ping' })
  MSGPACK_CODEC.encode({ type: 'party.snapshot.get' })

  assert.deepEqual(first, Uint8Array.of(0x91, 5))
})

test('what is no message is not encoded', () => {
  for (const codec of [JSON_CODEC, MSGPACK_CODEC]) {
    assert.throws(() => codec.encode(/** @type {any} */ ({ type: 'increment' })), TypeError)
  }
})
