// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  folded,
  optionCounts,
  passCount,
  resultOf,
  textGroups,
} from '../../../games/trivia/page/logic/tally.js'
import { player, question, reveal } from './card.js'

test('options are counted in the order of their letters', () => {
  const answers = reveal({
    x: { choice: 'a', points: 10 },
    y: { choice: 'c' },
    z: { choice: 'c' },
    p: {},
  })
  assert.deepEqual(optionCounts(question(), answers), [
    { letter: 'a', text: 'one', right: true, count: 1, percent: 33 },
    { letter: 'b', text: 'two', right: false, count: 0, percent: 0 },
    { letter: 'c', text: 'three', right: false, count: 2, percent: 67 },
  ])
})

test('nobody has answered: no division by zero', () => {
  assert.deepEqual(
    optionCounts(question(), reveal({})).map((each) => each.percent),
    [0, 0, 0],
  )
})

test('texts that the room takes for equal are one group', () => {
  const players = { x: player('Xu'), y: player('Yo'), z: player('Zoe'), w: player('Wu') }
  const given = reveal({
    x: { text: 'Nile' },
    y: { text: ' nile! ' },
    z: { text: 'Amazon', points: 10 },
    w: { text: 'Nile' },
  })
  assert.deepEqual(textGroups(given, players), [
    { text: 'Amazon', right: true, count: 1, names: ['Zoe'] },
    { text: 'Nile', right: false, count: 3, names: ['Wu', 'Xu', 'Yo'] },
  ])
})

test('a group that goes by the name of a prototype is a group', () => {
  const groups = textGroups(reveal({ x: { text: '__proto__' }, y: { text: 'constructor' } }), {})
  assert.deepEqual(groups.map((each) => each.text).sort(), ['__proto__', 'constructor'])
})

test('an empty text is a pass', () => {
  const given = reveal({ x: { text: '  ' }, y: {}, z: { text: 'a' } })
  assert.equal(passCount(given), 2)
  assert.equal(textGroups(given, {}).length, 1)
})

test('case, marks, punctuation and spaces do not count; a text of signs stays', () => {
  assert.equal(folded('  São-Paulo! '), folded('sao paulo'))
  assert.notEqual(folded('+'), folded('-'))
})

test('my result says what I did, never only that it was wrong', () => {
  const given = reveal({
    right: { choice: 'a', points: 5 }, // late, with speed points: right all the same
    partly: { choice: 'b', points: 5 },
    wrong: { choice: 'c' },
    text: { text: 'yes', points: 10 },
    pass: {},
  })
  const verdict = (/** @type {string | undefined} */ id) => resultOf(given, id).verdict
  assert.equal(verdict('right'), 'right')
  assert.equal(verdict('partly'), 'partly')
  assert.equal(verdict('wrong'), 'notRight')
  assert.equal(verdict('text'), 'right')
  assert.equal(verdict('pass'), 'passed')
  assert.equal(verdict('late'), 'noAnswer')
  assert.equal(resultOf(given, 'late').points, 0)
})
