// @ts-check
/** Observers, and what waits for something: to the end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, open } from './scripted.js'

test('one observer that is subscribed twice is two subscriptions', async () => {
  const { room, server } = await open()
  /** @type {string[]} */
  const told = []
  const observer = { next: () => told.push('next'), complete: () => told.push('complete') }
  const first = room.subscribe(observer)
  room.subscribe(observer)
  server.commit({ count: 1 })
  first.unsubscribe()
  server.commit({ count: 2 })
  room.dispose()
  assert.deepEqual(told, ['next', 'next', 'next', 'complete'])
})

test('who is subscribed meanwhile hears of the next commit, and not of this one', async () => {
  const { room, server } = await open()
  /** @type {unknown[]} */
  const heard = []
  const { unsubscribe } = room.subscribe(() => {
    unsubscribe()
    room.subscribe(({ context }) => heard.push(context.count))
  })
  server.commit({ count: 1 })
  server.commit({ count: 2 })
  assert.deepEqual(heard, [2])
})

for (const timeout of [Number.POSITIVE_INFINITY, 2 ** 40]) {
  test(`waitFor with a timeout of ${timeout} waits, as XState's does`, async () => {
    const { room, server } = await open()
    const waiting = room.waitFor(({ context }) => context.count === 1, { timeout })
    await clock.advance(10)
    server.commit({ count: 1 })
    assert.equal((await waiting).context.count, 1)
  })
}
