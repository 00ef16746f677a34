// @ts-check
/** A server in memory whose every message is the test's decision, behind a WebSocket class. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach } from 'node:test'
import { connect } from '../../client_facade/js/src/connect.js'
import { JSON_CODEC } from '../../client_facade/js/src/protocol/codec.js'
import { Clock } from './clock.js'

export const clock = new Clock().install()

/** One open socket; the test is at its other end. */
export class ScriptedSocket extends EventTarget {
  /** @type {ScriptedSocket[]} */
  static all = []
  CONNECTING = 0
  OPEN = 1
  CLOSING = 2
  CLOSED = 3
  readyState = 0
  binaryType = 'blob'
  /** @type {any[]} what the client has sent */
  sent = []
  /** @type {[number?, string?] | undefined} */
  closedWith
  terminated = false

  constructor(/** @type {string} */ url, /** @type {string[]} */ protocols) {
    super()
    this.url = url
    this.protocols = protocols
    this.madeAt = clock.now
    ScriptedSocket.all.push(this)
  }

  // What the façade calls

  send(/** @type {string} */ data) {
    assert.equal(this.readyState, this.OPEN)
    this.sent.push(JSON.parse(data))
  }

  close(/** @type {number} */ code, /** @type {string} */ reason) {
    this.closedWith ??= [code, reason]
    this.readyState = this.CLOSING // and it stays so: nobody answers
  }

  // What the test calls

  accept() {
    this.readyState = this.OPEN
    this.dispatchEvent(new Event('open'))
  }

  say(/** @type {any} */ message) {
    this.feed(/** @type {string} */ (JSON_CODEC.encode(message)))
  }

  feed(/** @type {string} */ data) {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  /** The server closes. */
  lose(code = 1006, reason = '') {
    this.readyState = this.CLOSED
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }))
  }

  /** As a browser tells of a connection that failed, whyever. */
  fail() {
    this.readyState = this.CLOSED
    this.dispatchEvent(new Event('error'))
    this.lose(1006)
  }

  heard(/** @type {string} */ type) {
    return this.sent.filter((message) => message.type === type)
  }
}

/** A counter room's wire, by hand: one audience "player", one member "m1". */
export class ScriptedServer {
  /** @type {any} */
  document = {
    value: 'counting',
    tags: ['open'],
    status: 'active',
    context: { count: 0, mine: 0 },
    can: { add: true },
    children: { 'player:m1': { value: 'idle', context: { score: 0 }, can: { buzz: true } } },
  }
  version = 1
  shared = 0
  own = 0
  epoch = 1
  now = clock.now

  get socket() {
    const socket = ScriptedSocket.all.at(-1)
    assert(socket, 'nobody has connected')
    return socket
  }

  /** Accepts the connection and answers the hello: with a replay of nothing, or an update. */
  welcome(fields = {}) {
    if (this.socket.readyState === 0) this.socket.accept()
    const hello = this.socket.heard('party.hello')[0]
    const resumed = hello.resume?.epoch === this.epoch
    const until = resumed ? { until: { shared: this.shared, own: this.own } } : {}
    this.say('party.welcome', {
      protocol: 1,
      member: 'm1',
      audience: 'player',
      epoch: this.epoch,
      now: this.now,
      resumed,
      ...until,
      ...fields,
    })
    if (!resumed) this.update()
  }

  update() {
    const { document: snapshot, epoch, version, shared, own } = this
    this.say('party.snapshot.update', { snapshot, epoch, version, audience: 'player', shared, own })
  }

  /** One commit that changes the counter, the member's own part, or both. */
  commit(
    /** @type {{ count?: number, mine?: number }} */ { count, mine },
    { deliver = true } = {},
  ) {
    this.version += 1
    const patches = []
    if (mine !== undefined) patches.push(this.#patch('own', ++this.own, 'mine', mine))
    if (count !== undefined) patches.push(this.#patch('shared', ++this.shared, 'count', count))
    if (patches.length === 2) Object.assign(patches[0], { more: true })
    if (deliver) for (const patch of patches) this.say('party.snapshot.patch', patch)
    return patches
  }

  /** Commits and answers one send. */
  accept(/** @type {string} */ id, changes = {}) {
    this.commit(changes)
    this.say('party.receipt', { id, status: 'accepted', version: this.version })
  }

  say(/** @type {string} */ type, /** @type {object} */ fields) {
    this.socket.say({ type, ...fields })
  }

  /** @type {(layer: string, seq: number, key: string, value: number) => any} */
  #patch(layer, seq, key, value) {
    const context = { ...this.document.context, [key]: value }
    this.document = { ...this.document, context }
    const operations = [{ op: 'replace', path: `/context/${key}`, value }]
    return { operations, layer, seq, version: this.version }
  }
}

/** @type {ReturnType<typeof connect>[]} */
const facades = []
/** @type {unknown[]} what was reported to the page's error handlers */
export const reported = []

beforeEach(() => {
  ScriptedSocket.all = []
  reported.length = 0
  Object.assign(globalThis, { reportError: (/** @type {unknown} */ e) => reported.push(e) })
})

afterEach(() => {
  for (const facade of facades.splice(0)) facade.dispose()
  assert.equal(clock.pending, 0, 'a timer was left running')
})

/**
 * A façade on the scripted server, which welcomes it.
 *
 * @param {import('../../client_facade/js/index.js').ConnectOptions & { welcome?: boolean, random?: () => number }} [options]
 */
export async function open({ welcome = true, ...options } = {}) {
  const server = new ScriptedServer()
  const room = connect('ws://test/parties/counter/lobby', {
    WebSocket: ScriptedSocket,
    codec: 'json',
    random: () => 0.5,
    ...options,
  })
  facades.push(room)
  await clock.advance()
  if (welcome) {
    server.welcome()
    server.say('party.pong', { now: server.now })
    await clock.advance()
  }
  return { room, server }
}
