// @ts-check
/** When it connects again: close codes, delays, and what partysocket would do instead. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from '../../client_facade/js/src/reconnect.js'
import { clock, open, reported, ScriptedSocket } from './scripted.js'

const NOW = [1001, 1006, 1012, 4200, 4299]
const LATER = [1011, 1013, 4100, 4102, 4199]

for (const closeCode of [1000, 1007, 1009, 4000, 4003, 4006, 4007, 4011, 4099]) {
  test(`close code ${closeCode} ends the façade`, async () => {
    const { room, server } = await open()
    /** @type {unknown[]} */
    const told = []
    room.subscribe({ error: (error) => told.push(error), complete: () => told.push('complete') })
    const waiting = room.waitFor(() => false)
    server.socket.lose(closeCode, 'because')
    await clock.advance(120_000)
    await assert.rejects(waiting, { name: 'Closed', closeCode, reason: 'because', code: 'closed' })
    assert.equal(ScriptedSocket.all.length, 1)
    assert.equal(room.connection, 'closed')
    assert.equal(room.closed?.closeCode, closeCode)
    assert.deepEqual(told, [room.closed])
  })
}

test('the error that came before the close is told', async () => {
  const { room, server } = await open({ welcome: false })
  server.socket.accept()
  server.say('party.error', { code: 'kicked', reason: 'removed by the host', temporary: false })
  server.socket.lose(4006)
  await assert.rejects(room.ready, { code: 'kicked', closeCode: 4006, reason: /removed/ })
})

for (const [codes, floor] of /** @type {[number[], number][]} */ ([
  [NOW, 0],
  [LATER, 1000],
])) {
  for (const closeCode of codes) {
    test(`close code ${closeCode} comes back after ${floor} ms and some jitter`, async () => {
      const { room, server } = await open()
      const lost = clock.now
      server.socket.lose(closeCode)
      assert.equal(room.connection, 'reconnecting')
      await clock.advance(floor + 249)
      assert.equal(ScriptedSocket.all.length, 1)
      await clock.advance(1)
      assert.equal(server.socket.madeAt - lost, floor + 250)
      server.welcome()
      assert.equal(room.connection, 'connected')
    })
  }
}

test("the server's retry_after is respected", async () => {
  const { server } = await open()
  const error = { code: 'rate_limited', reason: 'too fast', temporary: true, retry_after: 7 }
  server.say('party.error', error)
  server.socket.lose(4101)
  await clock.advance(7249)
  assert.equal(ScriptedSocket.all.length, 1)
  await clock.advance(1)
  assert.equal(ScriptedSocket.all.length, 2)
})

test('a retry_after that no timer can hold is respected, too', async () => {
  const { server } = await open()
  const error = { code: 'overloaded', reason: 'come back', temporary: true, retry_after: 3e6 }
  server.say('party.error', error)
  server.socket.lose(4100)
  await clock.advance(60_000)
  assert.equal(ScriptedSocket.all.length, 1)
})

test('what the server asked for once does not count for ever', async () => {
  const { server } = await open()
  const error = { code: 'rate_limited', reason: 'too fast', temporary: true, retry_after: 7 }
  server.say('party.error', error)
  server.socket.lose(4101)
  await clock.advance(7250)
  server.socket.fail()
  await clock.advance(500)
  assert.equal(ScriptedSocket.all.length, 3)
})

test('the second hello resumes', async () => {
  const { server } = await open({ token: 'secret' })
  server.commit({ count: 1, mine: 1 })
  server.socket.lose()
  await clock.advance(500)
  server.socket.accept()
  const [hello] = server.socket.sent
  assert.equal(hello.token, 'secret')
  const resume = { epoch: 1, audience: 'player', member: 'm1', shared: 1, own: 1 }
  assert.deepEqual(hello.resume, resume)
})

test("the server's token is used to come back", async () => {
  const { room, server } = await open({ welcome: false })
  server.welcome({ token: 'issued' })
  assert.equal(room.token, 'issued')
  server.socket.lose()
  await clock.advance(500)
  server.socket.accept()
  assert.equal(server.socket.sent[0].token, 'issued')
})

test('connections that fail come further and further apart, up to a cap', async () => {
  const { room, server } = await open({ welcome: false })
  for (const delay of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
    const attempts = ScriptedSocket.all.length
    server.socket.fail()
    await clock.advance(delay - 1)
    assert.equal(ScriptedSocket.all.length, attempts)
    await clock.advance(1)
    assert.equal(ScriptedSocket.all.length, attempts + 1)
  }
  assert.equal(room.connection, 'connecting')
})

test('a connection that held starts the delays anew; one that flaps does not', async () => {
  const { server } = await open()
  for (let n = 0; n < 8; n += 1) {
    await clock.advance(5000)
    server.socket.lose()
    await clock.advance(250)
    assert.equal(ScriptedSocket.all.length, n + 2)
    server.welcome()
  }
  for (let n = 0; n < 40; n += 1) {
    await clock.advance(1500)
    const { socket } = server
    if (socket.readyState !== 0) continue
    server.welcome()
    socket.lose()
    await clock.advance(1)
  }
  const flapped = ScriptedSocket.all.length - 9
  assert(flapped < 20, `${flapped} of 40 that could have been`)
})

test('a handshake that is refused is tried again: partysocket calls it 1000', async () => {
  const { room, server } = await open({ welcome: false })
  server.socket.fail()
  await clock.advance(250)
  assert.equal(ScriptedSocket.all.length, 2)
  server.welcome()
  assert.equal(room.connection, 'connected')
})

test('a handshake that takes for ever is given up, and tried again', async () => {
  const { room, server } = await open({ welcome: false })
  await clock.advance(9_999)
  assert.equal(ScriptedSocket.all.length, 1)
  await clock.advance(251)
  assert.equal(ScriptedSocket.all.length, 2)
  assert(ScriptedSocket.all[0]?.closedWith)
  ScriptedSocket.all[0]?.accept() // too late, and to nobody
  assert.deepEqual(ScriptedSocket.all[0]?.sent, [])
  server.welcome()
  assert.equal(room.connection, 'connected')
})

test('a server that says nothing is left', async () => {
  const { server } = await open({ welcome: false })
  server.socket.accept()
  await clock.advance(9_999)
  assert.equal(ScriptedSocket.all.length, 1)
  await clock.advance(251)
  assert.equal(ScriptedSocket.all.length, 2)
  assert(ScriptedSocket.all[0]?.closedWith)
})

test('a WebSocket that cannot even be made ends the façade', async () => {
  class Forbidden {
    constructor() {
      throw new Error('mixed content')
    }
  }
  const { room } = await open({ welcome: false, WebSocket: Forbidden })
  await assert.rejects(room.ready, { closeCode: 4001, reason: /mixed content/ })
  await clock.advance(60_000)
  assert.deepEqual(reported, [])
})

test('a façade that is disposed while it waits to connect never does', async () => {
  const { room, server } = await open()
  server.socket.lose()
  await clock.advance(100)
  room.dispose()
  assert.equal(clock.pending, 0)
  await clock.advance(60_000)
  assert.equal(ScriptedSocket.all.length, 1)
})

test('a façade that is disposed as soon as its socket is lost leaves no timer', async () => {
  const { room, server } = await open()
  server.socket.lose()
  room.dispose()
  await clock.advance(0)
  assert.equal(clock.pending, 0)
})

test('a façade that is disposed while it connects closes that socket', async () => {
  const { room, server } = await open({ welcome: false })
  room.dispose()
  assert(server.socket.closedWith)
  server.socket.accept()
  assert.deepEqual(server.socket.sent, [])
})

test('a façade that is disposed by a listener of the loss stays so', async () => {
  const { room, server } = await open()
  room.onConnection((state) => state === 'reconnecting' && room.dispose())
  server.socket.lose()
  await clock.advance(60_000)
  assert.equal(ScriptedSocket.all.length, 1)
  assert.deepEqual(reported, [])
})

test('in Node, a socket whose goodbye nobody answers is ended', async () => {
  class Terminable extends ScriptedSocket {
    terminate() {
      this.terminated = true
    }
  }
  const { room, server } = await open({ WebSocket: Terminable })
  room.dispose()
  assert.equal(server.socket.terminated, false)
  await clock.advance(1000)
  assert.equal(server.socket.terminated, true)
})

test('any delay is within its bounds', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const backoff = new Backoff(Math.random)
    for (let failures = 0; failures < 1100; failures += 1) {
      const code = [1006, 4100, 4200][failures % 3] ?? 0
      const delay = backoff.delay(code, failures)
      assert(delay)
      assert.equal(delay.floor, Math.max(failures, code === 4100 ? 1000 : 0))
      assert(delay.jitter >= 0 && delay.jitter <= Math.min(10_000, 500 * 2 ** failures))
    }
  }
})
