// @ts-check
/** Dead sockets are found within seconds, and nobody waits who has just come back. */
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, test } from 'node:test'
import { clock, open, reported, ScriptedSocket } from './scripted.js'

/** The page, which Node does not have. */
let page = new EventTarget()
const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })

beforeEach(() => {
  page = new EventTarget()
  Object.assign(globalThis, { document, addEventListener: page.addEventListener.bind(page) })
})

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'document')
  Reflect.deleteProperty(globalThis, 'addEventListener')
})

function show(visibilityState = 'visible') {
  document.visibilityState = visibilityState
  document.dispatchEvent(new Event('visibilitychange'))
}

const PINGS = 'party.ping'

// The heartbeat

test('a silent room is asked every 10 s, and not left', async () => {
  const { room, server } = await open()
  const { socket } = server
  for (let n = 1; n <= 6; n += 1) {
    await clock.advance(9_999)
    assert.equal(socket.heard(PINGS).length, n)
    await clock.advance(1)
    assert.equal(socket.heard(PINGS).length, n + 1)
    server.say('party.pong', { now: clock.now })
  }
  assert.equal(ScriptedSocket.all.length, 1)
  assert.equal(room.connection, 'connected')
})

test('a room that talks is not asked', async () => {
  const { server } = await open()
  for (let count = 1; count < 20; count += 1) {
    await clock.advance(9_000)
    server.commit({ count })
  }
  assert.equal(server.socket.heard(PINGS).length, 1)
})

test('a dead socket is found in a silent room within 13 s, without waiting for its goodbye', async () => {
  const { room, server } = await open()
  const { socket } = server
  await clock.advance(12_999)
  assert.equal(room.connection, 'connected')
  await clock.advance(1)
  assert.equal(room.connection, 'reconnecting')
  assert.equal(socket.readyState, socket.CLOSING)
  await clock.advance(250)
  server.welcome()
  assert.equal(room.connection, 'connected')
  socket.dispatchEvent(new Event('close')) // minutes later
  assert.equal(room.connection, 'connected')
})

test('a dead socket is found within 6 s of a send, and the send goes again', async () => {
  const { room, server } = await open()
  const { socket } = server
  const sending = room.send({ type: 'add' })
  await clock.advance(1000)
  room.send({ type: 'add' })
  await clock.advance(2000)
  assert.equal(socket.heard(PINGS).length, 2)
  await clock.advance(2999)
  assert.equal(room.connection, 'connected')
  await clock.advance(251)
  assert.equal(ScriptedSocket.all.length, 2)
  server.welcome()
  const [again] = server.socket.heard('party.send')
  assert.deepEqual(again, socket.heard('party.send')[0])
  server.accept(again.id)
  assert.equal((await sending).status, 'accepted')
})

test('a façade that is disposed because its socket was dead stays so', async () => {
  const { room } = await open()
  room.onConnection((state) => state === 'reconnecting' && room.dispose())
  await clock.advance(60_000)
  assert.equal(room.connection, 'closed')
  assert.equal(ScriptedSocket.all.length, 1)
})

test('a slow receipt from a server that answers is waited for', async () => {
  const { room, server } = await open()
  room.send({ type: 'add' })
  await clock.advance(3000)
  server.say('party.pong', { now: clock.now })
  await clock.advance(9_999)
  assert.equal(server.socket.heard(PINGS).length, 2)
  assert.equal(room.connection, 'connected')
})

test('a socket that the server has begun to close is given up, too', async () => {
  const { room, server } = await open()
  const { socket } = server
  socket.readyState = socket.CLOSING
  room.send({ type: 'add' }) // partysocket would keep it, and flush it before the next hello
  await clock.advance(6_000)
  assert.equal(room.connection, 'reconnecting')
  await clock.advance(249)
  assert.equal(ScriptedSocket.all.length, 1)
  await clock.advance(1)
  assert.equal(ScriptedSocket.all.length, 2)
  server.socket.accept()
  assert.deepEqual(
    server.socket.sent.map(({ type }) => type),
    ['party.hello'],
  )
  server.welcome()
  assert.equal(server.socket.heard('party.send').length, 1)
})

test('an answer that came while the page was frozen counts', async () => {
  const { room, server } = await open()
  await clock.advance(10_000)
  clock.sleep(60_000) // the verdict's timer rings a minute late, before the pong is taken in
  await clock.advance(3000)
  assert.equal(room.connection, 'connected')
  server.say('party.pong', { now: clock.now })
  assert.equal(ScriptedSocket.all.length, 1)
})

// Coming back

for (const [what, happens] of /** @type {[string, () => void][]} */ ([
  ['the page is shown', () => show()],
  ['the page comes from the cache', () => page.dispatchEvent(new Event('pageshow'))],
  ['the network is back', () => page.dispatchEvent(new Event('online'))],
])) {
  test(`when ${what}, nobody waits for a delay`, async () => {
    const { room, server } = await open()
    server.socket.lose()
    await clock.advance(100)
    happens()
    await clock.advance()
    assert.equal(ScriptedSocket.all.length, 2)
    server.welcome()
    assert.equal(room.connection, 'connected')
  })

  test(`when ${what}, an open socket has 2 s to prove itself`, async () => {
    const { room, server } = await open()
    happens()
    assert.equal(server.socket.heard(PINGS).length, 2)
    await clock.advance(1999)
    assert.equal(room.connection, 'connected')
    await clock.advance(1)
    assert.equal(room.connection, 'reconnecting')
    assert.equal(ScriptedSocket.all.length, 2)
    server.welcome()
    assert.equal(room.connection, 'connected')
  })
}

for (const press of ['pointerdown', 'keydown']) {
  test(`who presses something (${press}) does not wait for a delay`, async () => {
    const { room, server } = await open()
    page.dispatchEvent(new Event(press))
    assert.equal(server.socket.heard(PINGS).length, 1, 'an open socket is not asked')
    server.socket.lose()
    await clock.advance(100)
    page.dispatchEvent(new Event(press))
    page.dispatchEvent(new Event(press))
    await clock.advance()
    assert.equal(ScriptedSocket.all.length, 2)
    server.welcome()
    assert.equal(room.connection, 'connected')
  })
}

test('a page that is hidden asks nothing', async () => {
  const { server } = await open()
  show('hidden')
  assert.equal(server.socket.heard(PINGS).length, 1)
})

test('all the events of one return are one question', async () => {
  const { server } = await open()
  show()
  page.dispatchEvent(new Event('pageshow'))
  page.dispatchEvent(new Event('online'))
  assert.equal(server.socket.heard(PINGS).length, 2)
  server.say('party.pong', { now: clock.now })
  await clock.advance(5000)
  assert.equal(ScriptedSocket.all.length, 1)
})

test("what the server asked for is waited for, even if somebody's back", async () => {
  const { server } = await open()
  server.socket.lose(4100)
  show()
  await clock.advance(999)
  assert.equal(ScriptedSocket.all.length, 1)
  show()
  await clock.advance(1)
  assert.equal(ScriptedSocket.all.length, 2)
})

test('an attempt from before the phone slept is not waited for', async () => {
  const { room, server } = await open({ welcome: false })
  await clock.advance(2001)
  show()
  await clock.advance()
  assert.equal(ScriptedSocket.all.length, 2)
  await clock.advance(1999)
  show() // this one has just begun
  await clock.advance()
  assert.equal(ScriptedSocket.all.length, 2)
  server.welcome()
  assert.equal(room.connection, 'connected')
})

test('a laptop that has slept asks at once, and asks for the time', async () => {
  const { room, server } = await open()
  clock.sleep(60_000)
  await clock.advance(5000)
  assert.equal(server.socket.heard(PINGS).length, 2)
  await clock.advance(500)
  server.say('party.pong', { now: clock.now + 7000 })
  assert.equal(room.serverNow(), clock.now + 7000 + 250)
})

test('a disposed façade looks after nothing', async () => {
  const { room } = await open()
  assert.equal(getEventListeners(document, 'visibilitychange').length, 1)
  room.dispose()
  assert.equal(getEventListeners(document, 'visibilitychange').length, 0)
  assert.equal(getEventListeners(page, 'online').length, 0)
  show()
  page.dispatchEvent(new Event('online'))
  await clock.advance(60_000)
  assert.equal(clock.pending, 0)
  assert.equal(ScriptedSocket.all.length, 1)
  assert.deepEqual(reported, [])
})

// The server's clock

test("serverNow follows the server's clock", async () => {
  const { room, server } = await open({ welcome: false })
  server.socket.accept()
  await clock.advance(2000) // a slow welcome: the estimate may be off by a second
  server.welcome()
  assert.equal(room.serverNow(), server.now + 1000)
  await clock.advance(100)
  server.say('party.pong', { now: server.now + 50 }) // a quick pong does better
  assert.equal(room.serverNow(), server.now + 100)
  await clock.advance(9_000)
  assert.equal(room.serverNow(), server.now + 9_100)
})

test('each pong answers its own question', async () => {
  const { room, server } = await open({ welcome: false })
  server.welcome() // asks
  await clock.advance(1000)
  show() // asks again
  await clock.advance(1000)
  server.say('party.pong', { now: server.now + 5000 }) // of the first: the round trip was 2 s
  assert.equal(room.serverNow(), server.now + 2000)
  server.say('party.pong', { now: server.now + 1500 })
  assert.equal(room.serverNow(), server.now + 2000)
})
