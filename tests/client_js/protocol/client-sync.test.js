/** `ClientSync`: what the recorded sessions do not say, because they have one client of one kind. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientSync } from '../../../client_facade/js/src/protocol/client-sync.js'
import { QueueFull } from '../../../client_facade/js/src/protocol/error.js'
import { frozen } from './json.js'

const CLIENT_ID = '0123456789abcdef'

/** @typedef {import('../../../client_facade/js/src/protocol/message.d.ts').ServerMessage} ServerMessage */

/** @type {any} */
const WELCOME = frozen({
  type: 'party.welcome',
  protocol: 1,
  member: 'm1',
  audience: 'player',
  epoch: 3,
  now: 1760000000000,
  resumed: false,
})

/** @type {any} */
const UPDATE = frozen({
  type: 'party.snapshot.update',
  snapshot: { value: 'on', context: { players: { m1: { points: 0 } }, count: 0 } },
  epoch: 3,
  version: 40,
  audience: 'player',
  shared: 17,
  own: 4,
})

/** @type {(changes?: object) => any} */
function patch(changes) {
  const operations = [{ op: 'replace', path: '/context/count', value: 1 }]
  const head = { type: 'party.snapshot.patch', operations, layer: 'shared', seq: 18, version: 41 }
  return frozen({ ...head, ...changes })
}

/** @type {(number: number, changes?: object) => any} */
function receipt(number, changes) {
  const id = `${CLIENT_ID}.${number}`
  return frozen({ type: 'party.receipt', id, status: 'accepted', version: 41, ...changes })
}

/** @type {(options?: object) => ClientSync} */
function client(options) {
  return new ClientSync({ clientId: CLIENT_ID, ...options })
}

/** @type {(sync: ClientSync, ...messages: any[]) => any[]} */
function receive(sync, ...messages) {
  return messages.flatMap((message) => sync.receive(message))
}

/** @type {(options?: object) => ClientSync} */
function connected(options) {
  const sync = client(options)
  sync.connected()
  receive(sync, WELCOME, UPDATE)
  sync.messagesToSend()
  return sync
}

test('before anything has come there is nothing', () => {
  const sync = client()

  assert.equal(sync.document, undefined)
  assert.equal(sync.position, undefined)
  assert.equal(sync.member, undefined)
  assert.equal(sync.welcome, undefined)
  assert.equal(sync.token, undefined)
  assert.equal(sync.version, 0)
  assert.equal(sync.ready, false)
  assert.deepEqual([sync.unanswered, sync.messagesToSend()], [[], []])
})

test('the hello says who it is and what it wants', () => {
  const sections = ['board']
  const sync = client({
    token: 't',
    name: 'Ann',
    meta: { role: 'host' },
    sections,
    mode: 'snapshot',
  })
  sections.push('changed later')
  sync.connected()

  assert.deepEqual(sync.messagesToSend(), [
    {
      type: 'party.hello',
      token: 't',
      name: 'Ann',
      meta: { role: 'host' },
      sections: ['board'],
      mode: 'snapshot',
    },
  ])
  assert.deepEqual(sync.messagesToSend(), [])
})

test('after the first snapshot it knows where it stands', () => {
  const sync = connected()

  assert.equal(sync.document, UPDATE.snapshot)
  assert.deepEqual(sync.position, {
    epoch: 3,
    audience: 'player',
    member: 'm1',
    shared: 17,
    own: 4,
  })
  assert.deepEqual([sync.member, sync.version, sync.ready], ['m1', 40, true])
  assert.equal(sync.welcome, WELCOME)
})

test('a change shares what it did not touch', () => {
  const sync = connected()
  const previous = /** @type {any} */ (sync.document)

  const [notice] = receive(sync, patch())

  const next = /** @type {any} */ (sync.document)
  assert.deepEqual(notice, { kind: 'changed', previous, document: next })
  assert.equal(notice.document, next)
  assert.equal(next.context.players, previous.context.players)
  assert.equal(previous.context.count, 0)
})

test('an update reuses what is equal', () => {
  const sync = connected()
  const previous = /** @type {any} */ (sync.document)
  const snapshot = structuredClone(UPDATE.snapshot)
  snapshot.value = 'off'

  receive(sync, frozen({ ...UPDATE, version: 41, snapshot }))

  const next = /** @type {any} */ (sync.document)
  assert.equal(next.value, 'off')
  assert.equal(next.context, previous.context)
})

test('a patch of which one operation fails changes nothing', () => {
  const sync = connected()
  const previous = sync.document
  const operations = [
    { op: 'remove', path: '/context/players/m1' },
    { op: 'remove', path: '/no' },
  ]

  const [notice] = receive(sync, patch({ operations }))

  assert.deepEqual(notice, {
    kind: 'conflict',
    reason: 'patch-apply-failed',
    current: 17,
    next: 18,
  })
  assert.equal(sync.document, previous)
  assert.equal(sync.position, undefined)
  assert.deepEqual(sync.messagesToSend(), [{ type: 'party.snapshot.get' }])
})

test('a disconnect keeps the document, and forgets what was to be written', () => {
  const sync = connected()
  const { document, position } = sync
  sync.send({ type: 'a' })

  sync.disconnected()

  assert.equal(sync.document, document)
  assert.equal(sync.position, position)
  assert.deepEqual([sync.ready, sync.messagesToSend()], [false, []])
  assert.deepEqual(sync.unanswered, [`${CLIENT_ID}.1`])
})

test('a send that is answered is not sent again, however often the connection breaks', () => {
  const sync = connected()
  assert.equal(sync.send({ type: 'a' }), `${CLIENT_ID}.1`)
  assert.equal(sync.send({ type: 'b' }, 'child'), `${CLIENT_ID}.2`)
  const first = sync.messagesToSend()

  for (let round = 0; round < 3; round += 1) {
    sync.connected()
    receive(sync, WELCOME)
    assert.deepEqual(sync.messagesToSend().slice(1), first)
  }
  const notices = receive(sync, UPDATE, receipt(1, { result: { points: 3 } }), receipt(2))

  const resolved = notices.filter(({ kind }) => kind === 'resolved')
  assert.deepEqual(resolved[0].receipt, {
    id: `${CLIENT_ID}.1`,
    status: 'accepted',
    version: 41,
    result: { points: 3 },
  })
  assert.equal(resolved.length, 2)
  assert.deepEqual(sync.unanswered, [])
  sync.connected()
  receive(sync, WELCOME)
  assert.equal(sync.messagesToSend().length, 1)
})

test('the queue of sends is bounded, and has room again after a receipt', () => {
  const sync = connected({ limits: { unansweredSends: 3, sendsInFlight: 2 } })
  const send = () => sync.send({ type: 'a' })
  for (let sent = 0; sent < 3; sent += 1) send()

  assert.throws(send, (error) => error instanceof QueueFull && error.limit === 3)
  assert.throws(send, { name: 'QueueFull', message: /^3 sends wait for their receipts/ })
  assert.equal(sync.messagesToSend().length, 2)
  receive(sync, receipt(1))
  assert.equal(send(), `${CLIENT_ID}.4`)
  assert.deepEqual(
    sync.messagesToSend().map((message) => 'id' in message && message.id),
    [`${CLIENT_ID}.3`],
  )
})

test('by default 256 sends may wait', () => {
  const sync = client()
  for (let sent = 0; sent < 256; sent += 1) sync.send({ type: 'a' })

  assert.throws(() => sync.send({ type: 'a' }), QueueFull)
})

test('the token of the welcome counts; without one, the own', () => {
  const sync = client({ token: 'mine' })
  sync.connected()
  receive(sync, WELCOME)
  assert.equal(sync.token, 'mine')
  sync.connected()
  receive(sync, { ...WELCOME, token: 'theirs' })
  assert.equal(sync.token, 'theirs')
})

test('errors and pieces of streams are told without the type of their message', () => {
  const error = { code: 'rate_limited', reason: 'slower', temporary: true, retry_after: 0.25 }
  const chunk = { stream: 'story', index: 0, data: null }
  const sync = connected()

  assert.deepEqual(receive(sync, { type: 'party.error', ...error }), [{ kind: 'failed', error }])
  assert.deepEqual(receive(sync, { type: 'party.chunk', ...chunk }), [
    { kind: 'chunked', ...chunk },
  ])
  assert.deepEqual(receive(sync, { type: 'party.pong', now: 1 }), [])
})
