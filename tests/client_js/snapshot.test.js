// @ts-check
/** Snapshots and façades over them: frozen, shared, and shaped as XState's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createActorFacade } from '../../client_facade/js/index.js'
import { createSnapshot, EMPTY } from '../../client_facade/js/src/snapshot.js'

/** @type {() => any} */
const document = () => ({
  value: { question: 'open' },
  tags: ['open', 'timed'],
  status: 'active',
  context: { players: { m1: { score: 1 }, m2: { score: 2 } }, order: ['m1', 'm2'] },
  can: { answer: true },
  children: { 'player:m1': { value: 'idle', tags: ['calm'] }, 'player:m2': { value: 'busy' } },
  output: null,
  error: null,
})

test('it has the looks of a machine', () => {
  const snapshot = createSnapshot(document())
  assert.deepEqual(snapshot.value, { question: 'open' })
  assert(snapshot.matches('question') && snapshot.matches('question.open'))
  assert(snapshot.hasTag('timed') && !snapshot.hasTag('toString'))
  assert(snapshot.can('answer') && snapshot.can({ type: 'answer' }) && !snapshot.can('constructor'))
  assert.deepEqual(
    [snapshot.output, snapshot.error, snapshot.id],
    [undefined, undefined, undefined],
  )
  assert.equal(snapshot.children['player:m1']?.id, 'player:m1')
  assert(snapshot.children['player:m1']?.hasTag('calm'))
  assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), document())
})

test('what is missing is empty', () => {
  const { value, tags, status, context, children } = createSnapshot({})
  assert.deepEqual([value, tags.size, status, context, children], [{}, 0, 'active', {}, {}])
})

test('a machine that is done or has failed says so', () => {
  const done = createSnapshot({ status: 'done', output: { winner: 'm1' } })
  assert.deepEqual([done.status, done.output], ['done', { winner: 'm1' }])
  const failed = createSnapshot({ status: 'error', error: 'broken' })
  assert.deepEqual([failed.status, failed.error], ['error', 'broken'])
})

test('all of it is frozen', () => {
  const snapshot = /** @type {any} */ (createSnapshot(document()))
  /** @type {unknown[]} */
  const parts = [snapshot, snapshot.children, snapshot.children['player:m1'], snapshot.tags]
  const walk = (/** @type {unknown} */ part) => {
    if (typeof part === 'object' && part !== null)
      parts.push(part, ...Object.values(part).map(walk))
  }
  walk(snapshot.document)
  assert(parts.length > 12)
  for (const part of parts) assert(Object.isFrozen(part))
  assert.throws(() => snapshot.tags.add('mine'), /send an event/)
  assert.throws(() => snapshot.tags.delete('open'), TypeError)
  assert.throws(() => snapshot.tags.clear(), TypeError)
  assert(snapshot.tags instanceof Set)
  assert.deepEqual([...snapshot.tags], ['open', 'timed'])
})

test('an equal document is the same snapshot', () => {
  const snapshot = createSnapshot(document())
  assert.equal(createSnapshot(document(), snapshot), snapshot)
  assert.notEqual(createSnapshot({}, EMPTY), EMPTY)
})

test('equal parts are the same objects, and what follows them knows them at a glance', () => {
  const first = createSnapshot(document())
  const changed = document()
  changed.context.players.m2.score = 3
  changed.children['player:m2'].value = 'idle'
  const second = /** @type {any} */ (createSnapshot(changed, first))
  assert.equal(second.value, first.value)
  assert.equal(second.tags, first.tags)
  assert.equal(second.context.players.m1, /** @type {any} */ (first.context).players.m1)
  assert.notEqual(second.context.players, /** @type {any} */ (first.context).players)
  assert.equal(second.children['player:m1'], first.children['player:m1'])
  assert.notEqual(second.children['player:m2'], first.children['player:m2'])
  // The mirror goes on with its own parts, of which some are shown as older, equal ones.
  const third = createSnapshot({ ...changed, context: { ...changed.context } }, second)
  assert.equal(third, second)
})

test('lists that grow, shrink or change their kind are as they are', () => {
  /** @type {any} */
  let snapshot = createSnapshot({ context: { list: [{ a: 1 }] } })
  for (const list of [
    [{ a: 1 }, { b: 2 }],
    [{ b: 2 }],
    { 0: { b: 2 } },
    [],
    {},
    null,
    [{ a: 1 }],
  ]) {
    const before = snapshot
    snapshot = createSnapshot({ context: { list } }, before)
    assert.deepEqual(snapshot.context, { list })
    assert.notEqual(snapshot, before)
  }
})

test('names that every object inherits are names like any other', () => {
  /** @type {any} */
  let snapshot = createSnapshot({ children: { toString: { value: 'on' } } }, EMPTY)
  assert.equal(snapshot.children.toString.value, 'on')
  snapshot = createSnapshot({ children: { valueOf: {} } }, snapshot)
  assert.equal(snapshot.children.valueOf.id, 'valueOf')
})

// createActorFacade

test('a façade over a document sends through its client', () => {
  /** @type {unknown[]} */
  const sent = []
  const client = { id: 'ada', send: (/** @type {unknown} */ event) => sent.push(event) }
  const actor = createActorFacade(document(), client)
  assert.equal(actor._userId, 'ada')
  assert.equal(actor.snapshot, actor.getSnapshot())
  assert(actor.matches('question.open') && actor.hasTag('open') && actor.can('answer'))
  assert.equal(actor.context, actor.snapshot.context)
  assert.equal(actor.status, 'active')
  const { send, sendTo } = actor
  assert.equal(send({ type: 'answer', choice: 2 }), 1)
  sendTo('player:m1', { type: 'buzz' })
  sendTo(/** @type {any} */ (actor.children['player:m2']), { type: 'buzz' })
  sendTo((snapshot) => snapshot.children['player:m1'], { type: 'buzz' })
  const buzz = { type: 'buzz' }
  assert.deepEqual(sent, [
    { type: 'answer', choice: 2 },
    { type: 'party.sendTo', actorId: 'player:m1', event: buzz },
    { type: 'party.sendTo', actorId: 'player:m2', event: buzz },
    { type: 'party.sendTo', actorId: 'player:m1', event: buzz },
  ])
  assert.throws(() => sendTo(() => undefined, buzz), /no such child/)
  assert.throws(() => sendTo(actor.snapshot, buzz), TypeError)
})

test('a façade over a snapshot shares it, and leaves a document as it was', () => {
  const own = document()
  const snapshot = createSnapshot(document())
  assert.equal(createActorFacade(snapshot, { send() {} }).snapshot, snapshot)
  createActorFacade(own, { send() {} })
  assert(!Object.isFrozen(own.context))
})
