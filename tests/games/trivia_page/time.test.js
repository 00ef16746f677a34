// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  elapsed,
  isAnnounced,
  isUrgent,
  nextChange,
  secondsLeft,
} from '../../../games/trivia/page/logic/time.js'

test('seconds are counted up to the deadline, and never below it', () => {
  assert.equal(secondsLeft(10_000, 10_000, 0), 10)
  assert.equal(secondsLeft(10_000, 10_000, 1), 10)
  assert.equal(secondsLeft(10_000, 10_000, 9_999), 1)
  assert.equal(secondsLeft(10_000, 10_000, 10_000), 0)
  assert.equal(secondsLeft(10_000, 10_000, -3), 10) // our clock is a little behind
  assert.equal(secondsLeft(10_000, 10_000, 99_000), 0)
})

test('after nextChange, and not before, the seconds are others', () => {
  for (const left of [1, 500, 999, 1_000, 1_001, 4_300, 20_000]) {
    const wait = nextChange(left, 0) ?? 0
    assert.equal(secondsLeft(left, left, wait), secondsLeft(left, left, 0) - 1, `${left}`)
    assert.equal(secondsLeft(left, left, wait - 1), secondsLeft(left, left, 0), `${left}`)
  }
  assert.equal(nextChange(0, 0), undefined)
})

test('what is over of a wait lies within it, whatever the clocks say', () => {
  assert.equal(elapsed(20_000, 20_000, 3_000), 3_000)
  assert.equal(elapsed(20_000, 20_000, -500), 0)
  assert.equal(elapsed(20_000, 20_000, 30_000), 20_000)
})

test('the time is announced at the opening, at ten and at five: nothing else', () => {
  const told = []
  let before
  for (let now = 20; now >= 0; now -= 1) {
    if (isAnnounced(before, now)) told.push(now)
    before = now
  }
  assert.deepEqual(told, [20, 10, 5])
})

test('a phone that slept over ten seconds hears of the five', () => {
  assert.equal(isAnnounced(14, 4), true)
  assert.equal(isAnnounced(14, 0), false)
})

test('the last five seconds are urgent', () => {
  assert.deepEqual([6, 5, 0].map(isUrgent), [false, true, true])
})
