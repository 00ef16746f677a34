// @ts-check
/** The façade: what it shows, when it notifies, and how it ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from '../../client_facade/js/index.js'
import { clock, open, reported, ScriptedServer, ScriptedSocket } from './scripted.js'

// What it shows

test('it shows the machine', async () => {
  const { room } = await open()
  assert.equal(await room.ready, room)
  assert.equal(room.value, 'counting')
  assert.deepEqual(room.context, { count: 0, mine: 0 })
  assert.deepEqual([...room.tags], ['open'])
  assert.equal(room.status, 'active')
  assert.deepEqual([room.output, room.error], [undefined, undefined])
  assert(room.matches('counting') && !room.matches('idle'))
  assert(room.hasTag('open') && !room.hasTag('closed'))
  assert(room.can('add') && room.can({ type: 'add' }) && !room.can('toString'))
  assert.equal(room.children['player:m1']?.id, 'player:m1')
  assert(room.children['player:m1']?.can('buzz'))
  assert.equal(room.member, 'm1')
  assert.equal(room.connection, 'connected')
  assert.equal(room.getSnapshot(), room.snapshot)
})

test('before the first snapshot it shows nothing, and harms nobody', async () => {
  const { room } = await open({ welcome: false })
  assert.deepEqual([room.value, room.context, room.children], [{}, {}, {}])
  assert.deepEqual([room.status, room.tags.size, room.snapshot.document], ['stopped', 0, {}])
  assert(!room.matches('counting') && !room.hasTag('open') && !room.can('add'))
  assert.deepEqual([room.member, room.token, room.connection], [undefined, undefined, 'connecting'])
  assert.equal(room.serverNow(), Date.now())
})

test('it shows the initial document until the first snapshot is here', async () => {
  const initial = { value: 'counting', context: { count: 7 }, tags: ['open'] }
  const { room, server } = await open({ welcome: false, initial })
  assert.deepEqual([room.value, room.context.count, room.status], ['counting', 7, 'active'])
  assert.equal(room.connection, 'connecting')
  const { tags } = room
  server.welcome()
  assert.equal(room.context.count, 0)
  assert.equal(room.tags, tags)
  initial.context.count = 8
  assert.equal(Object.isFrozen(initial), false)
})

test('an initial document that is still true is no change', async () => {
  const { document: initial } = new ScriptedServer()
  const { room, server } = await open({ welcome: false, initial })
  room.subscribe(() => assert.fail('nothing changed'))
  server.welcome()
  await room.ready
  assert.deepEqual(reported, [])
})

test('hello carries what connect was given', async () => {
  const { server } = await open({
    token: 'secret',
    name: 'Ada',
    role: 'host',
    meta: { a: 1 },
    sections: ['count'],
    mode: 'snapshot',
  })
  assert.deepEqual(server.socket.sent[0], {
    type: 'party.hello',
    token: 'secret',
    name: 'Ada',
    meta: { a: 1, role: 'host' },
    sections: ['count'],
    mode: 'snapshot',
  })
  assert.deepEqual(server.socket.protocols, ['machine-party.v1+json'])
})

test('msgpack is what travels by default, as bytes', async () => {
  const { room } = await open({ welcome: false, codec: 'msgpack', name: 'Ada' })
  const socket = /** @type {ScriptedSocket} */ (ScriptedSocket.all[0])
  assert.deepEqual(socket.protocols, ['machine-party.v1+msgpack'])
  assert.equal(socket.binaryType, 'arraybuffer')
  /** @type {unknown[]} */
  const sent = []
  socket.send = (data) => void sent.push(data)
  socket.accept()
  assert.deepEqual(sent, [Uint8Array.from([0x94, 1, 0xc0, 0xc0, 0xa3, 0x41, 0x64, 0x61])])
  assert.equal(room.connection, 'connecting')
})

test('a commit of both layers is one notification, and so is a replay', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const seen = []
  room.subscribe((snapshot) => seen.push(snapshot.context))
  server.commit({ count: 1, mine: 1 })
  server.commit({ count: 2 })
  assert.deepEqual(seen, [
    { count: 1, mine: 1 },
    { count: 2, mine: 1 },
  ])
  server.socket.lose()
  const missed = [1, 2, 3].flatMap((n) => server.commit({ count: n, mine: n }, { deliver: false }))
  await clock.advance(500)
  server.welcome()
  for (const patch of missed) server.say('party.snapshot.patch', patch)
  assert.deepEqual(seen.slice(2), [{ count: 3, mine: 3 }])
})

test('snapshots are frozen, and what did not change keeps its identity', async () => {
  const { room, server } = await open()
  const before = room.snapshot
  assert.throws(() => {
    room.context.count = 7
  }, TypeError)
  server.commit({ count: 1 })
  const { snapshot } = room
  assert.notEqual(snapshot, before)
  assert.equal(snapshot.tags, before.tags)
  assert.equal(snapshot.children, before.children)
  assert.equal(snapshot.document.can, before.document.can)
  room.subscribe(() => assert.fail('nothing changed'))
  server.update()
  assert.equal(room.snapshot, snapshot)
  assert.deepEqual(reported, [])
})

// Watching

test('watch calls only when the selected part changed', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const seen = []
  const { unsubscribe } = room.watch(
    (snapshot) => snapshot.context.count,
    (count, previous) => seen.push([count, previous]),
  )
  server.commit({ mine: 1 })
  for (const count of [1, 1, 2]) server.commit({ count })
  unsubscribe()
  unsubscribe()
  server.commit({ count: 3 })
  assert.deepEqual(seen, [
    [1, 0],
    [2, 1],
  ])
})

test('watch can call at once, or with the first snapshot', async () => {
  const { room, server } = await open({ welcome: false })
  /** @type {unknown[]} */
  const later = []
  /** @type {unknown[]} */
  const first = []
  const count = (/** @type {any} */ snapshot) => snapshot.context.count
  room.watch(count, (selected) => later.push(selected))
  room.watch(count, (selected, previous) => first.push([selected, previous]), { immediate: true })
  server.welcome()
  assert.deepEqual([later, first], [[], [[0, undefined]]])
  room.watch(count, (selected) => later.push(selected), { immediate: true })
  assert.deepEqual(later, [0])
})

test('watch takes its own equality', async () => {
  const { room, server } = await open()
  /** @type {number[]} */
  const seen = []
  const tens = (/** @type {number} */ a, /** @type {number} */ b) =>
    Math.floor(a / 10) === Math.floor(b / 10)
  room.watch(
    (snapshot) => snapshot.context.count,
    (count) => seen.push(count),
    { equals: tens },
  )
  for (const count of [5, 11, 12, 20]) server.commit({ count })
  assert.deepEqual(seen, [11, 20])
  assert.equal(
    room.select((snapshot) => snapshot.context.count),
    20,
  )
})

test('a failing listener is reported and hurts nobody', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const seen = []
  room.subscribe(() => {
    throw new Error('a bug of the page')
  })
  room.watch(
    (snapshot) => snapshot.context.count,
    (count) => seen.push(count),
  )
  server.commit({ count: 1 })
  server.commit({ count: 2 })
  assert.deepEqual(seen, [1, 2])
  assert.deepEqual(reported.map(String), Array(2).fill('Error: a bug of the page'))
})

test('a listener that is removed meanwhile is not called', async () => {
  const { room, server } = await open()
  /** @type {{ unsubscribe(): void }} */
  let second
  room.subscribe(() => second.unsubscribe())
  second = room.subscribe(() => assert.fail('it was removed'))
  server.commit({ count: 1 })
  assert.deepEqual(reported, [])
})

test('waitFor resolves to the snapshot that fits, the present one included', async () => {
  const { room, server } = await open()
  const waiting = room.waitFor((snapshot) => snapshot.context.count === 2)
  for (const count of [1, 2, 3]) server.commit({ count })
  assert.equal((await waiting).context.count, 2)
  assert.equal(await room.waitFor((snapshot) => snapshot.matches('counting')), room.snapshot)
})

test('waitFor asks nothing of what is not there yet', async () => {
  const { room, server } = await open({ welcome: false })
  const waiting = room.waitFor((snapshot) => snapshot.context.count !== 1)
  server.welcome()
  assert.equal((await waiting).context.count, 0)
})

test('waitFor gives up in time, or when its signal says so', async () => {
  const { room } = await open()
  const waiting = room.waitFor(() => false, { timeout: 5000 })
  let done = false
  waiting.catch(() => {
    done = true
  })
  await clock.advance(4999)
  assert.equal(done, false)
  await clock.advance(1)
  await assert.rejects(waiting, { name: 'TimeoutError', message: /5000 ms; now: "counting"/ })
  const controller = new AbortController()
  const stopped = room.waitFor(() => false, { signal: controller.signal, timeout: 9000 })
  controller.abort(new Error('enough'))
  await assert.rejects(stopped, { message: 'enough' })
  const { signal } = controller
  await assert.rejects(
    room.waitFor(() => true, { signal }),
    { message: 'enough' },
  )
})

test('waitFor rejects with what its predicate throws', async () => {
  const { room } = await open()
  await assert.rejects(
    room.waitFor((snapshot) => snapshot.context.nothing.at(0)),
    TypeError,
  )
})

// What others need of it

test("it is an external store, as XState's hooks take it apart", async () => {
  const { room, server } = await open()
  // As useSelector of @xstate/react does it, with useSyncExternalStore.
  const { getSnapshot } = room
  let renders = 0
  const { unsubscribe } = room.subscribe(() => {
    renders += 1
  })
  assert.equal(getSnapshot(), getSnapshot())
  server.commit({ count: 1 })
  assert.equal(getSnapshot().context.count, 1)
  unsubscribe()
  server.commit({ count: 2 })
  assert.equal(renders, 1)
})

test('every method works when it is taken off', async () => {
  const { room, server } = await open()
  const { matches, hasTag, can, select, watch, waitFor, send, sendTo, on, dispose, subscribe } =
    room
  assert(matches('counting') && hasTag('open') && can('add'))
  assert.equal(select((snapshot) => snapshot.value), 'counting') // biome-ignore format: one line
  watch(() => 1, () => {}).unsubscribe() // biome-ignore format: one line
  subscribe(() => {}).unsubscribe()
  on('ring', () => {}).unsubscribe()
  const waiting = waitFor((snapshot) => snapshot.context.count === 1)
  send({ type: 'add' })
  sendTo('player:m1', { type: 'buzz' })
  server.commit({ count: 1 })
  await waiting
  dispose()
  assert.equal(room.connection, 'closed')
  const { snapshot } = room
  const { matches: detached } = snapshot
  assert(detached('counting'))
})

test('subscribe takes an observer, or up to three functions', async () => {
  const { room, server } = await open()
  /** @type {string[]} */
  const told = []
  room.subscribe({ next: () => told.push('next'), complete: () => told.push('complete') })
  room.subscribe(undefined, undefined, () => told.push('completed'))
  room.subscribe({ error: () => told.push('error') })
  const gone = room.subscribe({ complete: () => told.push('gone') })
  gone.unsubscribe()
  server.commit({ count: 1 })
  room.dispose()
  room.dispose()
  assert.deepEqual(told, ['next', 'complete', 'completed'])
  room.subscribe({ complete: () => told.push('late') })
  assert.equal(told.at(-1), 'late')
  assert.deepEqual(reported, [])
})

// The end

test('the connection is told of', async () => {
  const { room, server } = await open()
  /** @type {string[]} */
  const told = []
  room.onConnection((state) => told.push(state))
  server.socket.lose()
  assert.equal(room.connection, 'reconnecting')
  await clock.advance(500)
  server.socket.accept()
  assert.equal(room.connection, 'reconnecting')
  server.welcome()
  room.dispose()
  assert.deepEqual(told, ['reconnecting', 'connected', 'closed'])
})

test('dispose fails whoever still waits, and says goodbye', async () => {
  const { room, server } = await open()
  const waiting = [room.send({ type: 'add' }), room.waitFor(() => false, { timeout: 1000 })]
  room.dispose()
  for (const promise of waiting) {
    await assert.rejects(promise, { name: 'Closed', code: 'closed', closeCode: 1000 })
  }
  assert.deepEqual(server.socket.closedWith, [1000, undefined])
  await assert.rejects(room.send({ type: 'add' }), { name: 'Closed' })
  await assert.rejects(
    room.waitFor(() => true),
    { name: 'Closed' },
  )
  assert.equal(room.unanswered, 0)
  assert.equal(room.matches('counting'), true)
})

test('what comes after dispose is told to nobody', async () => {
  const { room, server } = await open()
  room.subscribe(() => assert.fail('it was disposed'))
  room.on('*', () => room.dispose())
  const [patch] = server.commit({ count: 1 }, { deliver: false })
  server.say('party.emit', { event: { type: 'ring' } })
  server.say('party.snapshot.patch', patch)
  assert.deepEqual(reported, [])
})

test('a façade that is disposed by its first snapshot is not connected after all', async () => {
  const { room, server } = await open({ welcome: false })
  room.subscribe(() => room.dispose())
  server.welcome()
  assert.equal(room.connection, 'closed')
  await assert.rejects(room.ready, { name: 'Closed' })
})

test('what the façade itself cannot take ends it, and is reported', async () => {
  const { room, server } = await open()
  server.document = { children: { 'player:m1': null } }
  server.update()
  assert.equal(reported.length, 1)
  assert.deepEqual([room.closed?.closeCode, room.connection], [1011, 'closed'])
})

test('dispose before anything has come leaves nothing behind', async () => {
  const room = connect('ws://test/', { WebSocket: ScriptedSocket })
  room.dispose()
  await clock.advance(60_000)
  assert.equal(ScriptedSocket.all.length, 0)
  await assert.rejects(room.ready, { name: 'Closed' })
})

test('where there is no WebSocket, connect says what to do', () => {
  assert.throws(() => connect('ws://test/'), {
    name: 'TypeError',
    message: /import \{ WebSocket \}/,
  })
})
