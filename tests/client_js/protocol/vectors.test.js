/** Replays `docs/vectors.json`: what is recorded from the Python client, ours has to do, too. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JSON_CODEC, MSGPACK_CODEC } from '../../../client_facade/js/src/protocol/codec.js'
import { MalformedMessage, PatchError } from '../../../client_facade/js/src/protocol/error.js'
import { apply } from '../../../client_facade/js/src/protocol/patch.js'
import { matches } from '../../../client_facade/js/src/protocol/state-value.js'
import { Player } from './player.js'
import { bytesOf, VECTORS } from './vectors.js'

for (const { from, json, msgpack } of VECTORS.messages) {
  // A bare event is for who knows nothing but this; the façade sends each with an id.
  const bare = !JSON.parse(json).type.startsWith('party.')
  test(`message ${json.slice(0, 60)}`, { skip: bare && 'this client sends no bare event' }, () => {
    const packed = bytesOf(msgpack)
    const ours = [JSON.parse(json)]
    if (from === 'server') ours.push(JSON_CODEC.decode(json), MSGPACK_CODEC.decode(packed))
    for (const message of ours) {
      assert.deepEqual(message, ours[0])
      assert.equal(JSON_CODEC.encode(message), json)
      assert.deepEqual(MSGPACK_CODEC.encode(message), packed)
    }
  })
}

/** @param {{ json?: string, msgpack?: string }} form */
function decoded({ json, msgpack }) {
  return json === undefined ? MSGPACK_CODEC.decode(bytesOf(msgpack ?? '')) : JSON_CODEC.decode(json)
}

for (const { means, ...form } of VECTORS.tolerated) {
  test(`tolerated: ${JSON.stringify(form)}`, () => {
    // `more: false` is what an absent `more` stands for.
    const { more, ...message } = /** @type {any} */ (decoded(form))
    assert.deepEqual(more ? { ...message, more } : message, means)
  })
}

for (const { path, ...form } of VECTORS.malformed) {
  test(`malformed: ${JSON.stringify(form)}`, () => {
    const isIt = (/** @type {any} */ error) =>
      error instanceof MalformedMessage && error.path === path
    assert.throws(() => decoded(form), isIt)
  })
}

for (const { document, operations, result, fails_at } of VECTORS.patches) {
  test(`patch ${JSON.stringify(document)} ${JSON.stringify(operations)}`, () => {
    if (fails_at === undefined) {
      assert.deepEqual(apply(document, operations), result)
    } else {
      const isIt = (/** @type {any} */ error) =>
        error instanceof PatchError && error.index === fails_at
      assert.throws(() => apply(document, operations), isIt)
    }
  })
}

for (const { pattern, value, matches: expected } of VECTORS.states) {
  test(`state ${JSON.stringify(pattern)} of ${JSON.stringify(value)}`, () => {
    assert.equal(matches(pattern, value), expected)
  })
}

for (const [name, rows] of Object.entries(VECTORS.sessions)) {
  test(`session: ${name}`, () => {
    const player = new Player()
    for (const { step, ...expected } of rows) assert.deepEqual(player.play(step), expected)
  })
}
