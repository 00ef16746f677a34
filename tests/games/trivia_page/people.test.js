// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crowd, firstOf, peopleByName, readiness } from '../../../games/trivia/page/logic/people.js'
import { player } from './card.js'

test('players are sorted by name, whatever the order of the keys', () => {
  const players = { x: player('bob 10'), a: player('Bob 9'), m: player('émile') }
  assert.deepEqual(
    peopleByName(players).map((each) => each.name),
    ['Bob 9', 'bob 10', 'émile'],
  )
})

test('equal names keep one order', () => {
  const ids = (/** @type {Parameters<typeof peopleByName>[0]} */ all) =>
    peopleByName(all).map((p) => p.id)
  assert.deepEqual(ids({ b: player('A'), a: player('A') }), ['a', 'b'])
})

test('who is gone is not waited for; who is away is', () => {
  const players = peopleByName({
    a: player('A', { ready: true }),
    b: player('B', { presence: 'away' }),
    c: player('C', { presence: 'gone' }),
  })
  assert.deepEqual(readiness(players), { ready: 1, total: 2, missing: 1 })
})

test('nobody is an empty room', () => {
  assert.deepEqual(readiness(peopleByName(undefined)), { ready: 0, total: 0, missing: 0 })
})

test('more people are written smaller', () => {
  assert.deepEqual([2, 8, 9, 30, 60].map(crowd), ['few', 'few', 'some', 'many', 'crowd'])
})

test('what is not shown is counted', () => {
  assert.deepEqual(firstOf([1, 2, 3], 2), { shown: [1, 2], more: 1 })
  assert.deepEqual(firstOf([1], 2), { shown: [1], more: 0 })
})
