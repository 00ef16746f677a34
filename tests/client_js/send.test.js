// @ts-check
/** Sends and their receipts, emits, chunks, errors and conflicts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueueFull } from '../../client_facade/js/index.js'
import { clock, open, reported } from './scripted.js'

test('a receipt comes after what it did is shown', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const order = []
  room.subscribe((snapshot) => order.push(snapshot.context.count))
  const sending = room.send({ type: 'add', by: 2 }).then((receipt) => order.push(receipt.status))
  assert.equal(room.unanswered, 1)
  const { id, event } = server.socket.heard('party.send')[0]
  assert.match(id, /^[0-9a-f]{16}\.1$/)
  assert.deepEqual(event, { type: 'add', by: 2 })
  server.accept(id, { count: 2, mine: 2 })
  await sending
  assert.deepEqual(order, [2, 'accepted'])
  assert.equal(room.unanswered, 0)
})

test('a rejected receipt is a value', async () => {
  const { room, server } = await open()
  const sending = room.send({ type: 'add' })
  const { id } = server.socket.heard('party.send')[0]
  const rejection = { status: 'rejected', version: 1, code: 'not_handled', reason: 'not now' }
  server.say('party.receipt', { id, ...rejection })
  assert.deepEqual(await sending, { id, ...rejection })
})

test('two façades have two client ids', async () => {
  const ids = []
  for (let n = 0; n < 2; n += 1) {
    const { room, server } = await open()
    room.send({ type: 'add' })
    ids.push(server.socket.heard('party.send')[0].id)
  }
  assert.notEqual(ids[0], ids[1])
})

test('sendTo takes an id, a child, or what picks it', async () => {
  const { room, server } = await open()
  room.sendTo('player:m2', { type: 'buzz' })
  room.sendTo(/** @type {any} */ (room.children['player:m1']), { type: 'buzz' })
  room.sendTo((snapshot) => snapshot.children['player:m1'], { type: 'buzz' })
  const actors = server.socket.heard('party.sendTo').map((message) => message.actorId)
  assert.deepEqual(actors, ['player:m2', 'player:m1', 'player:m1'])
  await assert.rejects(
    room.sendTo(() => undefined, { type: 'buzz' }),
    { name: 'TypeError', message: /no such child/ },
  )
})

test('sends before the welcome wait, and go after the hello', async () => {
  const { room, server } = await open({ welcome: false })
  room.send({ type: 'add', by: 1 })
  server.socket.accept()
  room.send({ type: 'add', by: 2 })
  assert.deepEqual(server.socket.sent.map(({ type }) => type), ['party.hello']) // biome-ignore format: one line
  server.welcome()
  const sent = server.socket.heard('party.send').map(({ event }) => event.by)
  assert.deepEqual(sent, [1, 2])
})

test('what has no receipt is sent again with the same id, and counts once', async () => {
  const { room, server } = await open()
  const event = { type: 'sort', order: [1, 2] }
  const sending = room.send(event)
  event.order.push(3)
  const [first] = server.socket.heard('party.send')
  server.socket.lose()
  room.send({ type: 'add' })
  await clock.advance(500)
  server.welcome()
  const [again, next] = server.socket.heard('party.send')
  assert.deepEqual(again, first)
  assert.deepEqual(again.event.order, [1, 2])
  assert.notEqual(next.id, again.id)
  server.say('party.receipt', { id: again.id, status: 'duplicate', version: 2 })
  assert.equal((await sending).status, 'duplicate')
})

for (const code of ['store_unavailable', 'draining']) {
  test(`a send that is told "${code}" goes again with the same id, and nobody notices`, async () => {
    const { room, server } = await open()
    const sending = room.send({ type: 'add' })
    const [first] = server.socket.heard('party.send')
    const rejection = { status: 'rejected', version: 1, code, reason: 'not now' }
    server.say('party.receipt', { id: first.id, ...rejection })
    assert.equal(room.unanswered, 1)
    assert.equal(server.socket.heard('party.send').length, 1)
    server.epoch += 1
    server.update()
    const [, again, ...more] = server.socket.heard('party.send')
    assert.deepEqual([again, more], [first, []])
    server.accept(first.id, { count: 1 })
    assert.equal((await sending).status, 'accepted')
    assert.equal(room.unanswered, 0)
  })
}

test('the queue without a connection is bounded', async () => {
  const { room, server } = await open()
  server.socket.lose()
  for (let n = 0; n < 256; n += 1) room.send({ type: 'add' })
  await assert.rejects(
    room.send({ type: 'add' }),
    (error) => error instanceof QueueFull && error.limit === 256,
  )
  assert.equal(room.unanswered, 256)
  await clock.advance(500)
  server.welcome()
  assert.equal(server.socket.heard('party.send').length, 64)
  server.accept(server.socket.heard('party.send')[0].id)
  assert.equal(server.socket.heard('party.send').length, 65)
})

test('an event that is not JSON is refused, and leaves nothing behind', async () => {
  const { room, server } = await open()
  const bad = /** @type {any} */ ({ type: 'add', by: [{ deep: Number.NaN }] })
  await assert.rejects(room.send(bad), { name: 'TypeError', message: /event\.by\[0\]\.deep/ })
  assert.equal(room.unanswered, 0)
  assert.deepEqual(server.socket.heard('party.send'), [])
})

test('emits go to whoever asked for their type', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const rings = []
  /** @type {unknown[]} */
  const all = []
  room.on('ring', (event) => rings.push(event))
  const { unsubscribe } = room.on('*', (event) => all.push(event))
  for (const type of ['ring', 'buzz']) server.say('party.emit', { event: { type } })
  unsubscribe()
  server.say('party.emit', { event: { type: 'ring' } })
  assert.deepEqual(rings, [{ type: 'ring' }, { type: 'ring' }])
  assert.deepEqual(all, [{ type: 'ring' }, { type: 'buzz' }])
})

test('chunks and errors are told', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const told = []
  room.onChunk((chunk) => told.push(chunk))
  room.onError((error) => told.push(error))
  const chunk = { stream: 'story', index: 0, data: 'Once' }
  const error = { code: 'rate_limited', reason: 'too fast', temporary: true, retry_after: 1 }
  server.say('party.chunk', chunk)
  server.say('party.error', error)
  assert.deepEqual(told, [chunk, error])
})

test('a gap is told, and a snapshot asked for once', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const conflicts = []
  room.onConflict((conflict) => conflicts.push(conflict))
  server.commit({ count: 1 }, { deliver: false })
  server.commit({ count: 2 })
  server.commit({ count: 3 })
  assert.deepEqual(conflicts, [{ reason: 'version-gap', current: 0, next: 2 }])
  assert.equal(server.socket.heard('party.snapshot.get').length, 1)
  assert.equal(room.context.count, 0)
  server.update()
  assert.equal(room.context.count, 3)
})

test('garbage is reported, and the connection made anew', async () => {
  const { room, server } = await open()
  server.socket.feed('{"type":"party.nonsense"}')
  assert.equal(reported.length, 1)
  assert.match(String(reported[0]), /no such message/)
  await clock.advance(500)
  server.welcome()
  assert.equal(room.connection, 'connected')
})
