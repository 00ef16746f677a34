// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  excerpt,
  podium,
  ranked,
  standingOf,
  winners,
} from '../../../games/trivia/page/logic/ranking.js'
import { player } from './card.js'

const PLAYERS = {
  d: player('Dan', { points: 5, rank: 4, place: 4 }),
  a: player('Ann', { points: 20, rank: 1, place: 2 }),
  b: player('Bob', { points: 20, rank: 1, place: 1 }),
  c: player('Cat', { points: 12.5, rank: 3, place: 3 }),
  late: player('Late'),
}

test('the order is that of the places; who has none is not ranked', () => {
  assert.deepEqual(
    ranked(PLAYERS).map((each) => each.id),
    ['b', 'a', 'c', 'd'],
  )
})

test('a shared rank shares a step, and the skipped one has none', () => {
  const steps = podium(ranked(PLAYERS)).map((step) => [step.rank, step.people.map((p) => p.name)])
  assert.deepEqual(steps, [
    [1, ['Bob', 'Ann']],
    [3, ['Cat']],
  ])
})

test('the podium is read from the highest step down', () => {
  const three = [1, 2, 3].map((n) => [`${n}`, player(`${n}`, { rank: n, place: n })])
  assert.deepEqual(
    podium(ranked(Object.fromEntries(three))).map((step) => step.rank),
    [1, 2, 3],
  )
})

test('all who share the first rank have won', () => {
  assert.deepEqual(
    winners(ranked(PLAYERS)).map((each) => each.name),
    ['Bob', 'Ann'],
  )
})

test('one is behind the last of those who are better', () => {
  const dan = standingOf(ranked(PLAYERS), 'd')
  assert.deepEqual(dan?.ahead, { name: 'Cat', points: 7.5 })
  assert.equal(dan?.shared, 0)
})

test('who leads is behind nobody, and knows with how many they share', () => {
  const ann = standingOf(ranked(PLAYERS), 'a')
  assert.equal(ann?.ahead, undefined)
  assert.equal(ann?.shared, 1)
})

test('distances have no noise of binary fractions', () => {
  const list = ranked({
    a: player('A', { points: 0.3, rank: 1, place: 1 }),
    b: player('B', { points: 0.1, rank: 2, place: 2 }),
  })
  assert.equal(standingOf(list, 'b')?.ahead?.points, 0.2)
})

test('who does not play stands nowhere', () => {
  assert.equal(standingOf(ranked(PLAYERS), undefined), undefined)
})

test('the own row is added to the top, once', () => {
  const list = ranked(PLAYERS)
  assert.deepEqual(
    excerpt(list, 2, 'd').map((each) => each.id),
    ['b', 'a', 'd'],
  )
  assert.deepEqual(
    excerpt(list, 2, 'a').map((each) => each.id),
    ['b', 'a'],
  )
})
