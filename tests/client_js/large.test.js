// @ts-check
/** Events that a server would not take: refused here, since it would end the connection. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../client_facade/js/src/protocol/table.js'
import { clock, open, reported, ScriptedSocket } from './scripted.js'

/** @type {(levels: number) => unknown} */
const nested = (levels) => (levels === 0 ? 1 : [nested(levels - 1)])

/** @type {[string, unknown, RegExp][]} */
const TOO_LARGE = [
  ['too long', 'x'.repeat(LIMITS.messageBytes), /of \d+ bytes; at most 16384/],
  ['too long in UTF-8', 'é'.repeat(LIMITS.messageBytes / 2), /of \d+ bytes; at most 16384/],
  ['too deep', nested(LIMITS.depth), /event\.by\[0\].* is nested too deep/],
  ['too deep for msgpack', nested(200), /is nested too deep/],
  ['of too many values', Array(LIMITS.nodes).fill(1), /event has 2003 values; at most 1996/],
]

for (const codec of /** @type {const} */ (['json', 'msgpack'])) {
  for (const [name, by, message] of TOO_LARGE) {
    test(`an event that is ${name} is refused, and does no harm later (${codec})`, async () => {
      const { room } = await open({ codec, welcome: false })
      await assert.rejects(room.send({ type: 'add', by }), { name: 'TypeError', message })
      await assert.rejects(room.sendTo('child', { type: 'add', by }), { name: 'TypeError' })
      assert.equal(room.unanswered, 0)
      assert.equal(room.closed, undefined)
    })
  }
}

test('the largest event that is taken', async () => {
  const { room, server } = await open()
  const by = [nested(LIMITS.depth - 3), Array(1900).fill(1), 'x'.repeat(12_000)]
  room.send({ type: 'add', by })
  assert.deepEqual(server.socket.heard('party.send')[0].event.by, by)
})

test('facts about the connection that are not JSON are refused at once', async () => {
  const meta = /** @type {any} */ ({ device: () => 'phone' })
  await assert.rejects(open({ meta }), { name: 'TypeError', message: /meta\.device is not JSON/ })
  assert.deepEqual(ScriptedSocket.all, [])
})

test('facts about the connection are those of the call', async () => {
  const meta = { device: { kind: 'phone' } }
  const { server } = await open({ meta })
  meta.device.kind = 'screen'
  server.socket.lose()
  await clock.advance(500)
  server.socket.accept()
  assert.deepEqual(server.socket.sent[0].meta, { device: { kind: 'phone' } })
  assert.deepEqual(reported, [])
})
