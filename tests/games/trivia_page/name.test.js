// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanName, graphemes, nameMistake } from '../../../games/trivia/page/logic/name.js'

test('a name is written as the server writes it', () => {
  assert.equal(cleanName('  Ann \t Mary  '), 'Ann Mary')
  assert.equal(cleanName('Zoe\u0308'), 'Zoë')
})

test('ordinary names of all scripts are taken', () => {
  for (const name of ['i', 'محمد عبد الرحمن', '山田太郎', '👩‍👩‍👧‍👦', 'W'.repeat(24)]) {
    assert.equal(nameMistake(name), undefined, name)
  }
})

test('what the server refuses is told before it is sent', () => {
  assert.equal(nameMistake('   '), 'nameEmpty')
  assert.equal(nameMistake('W'.repeat(25)), 'nameLong')
  assert.equal(nameMistake('👩‍👩‍👧‍👦'.repeat(9)), 'nameLong') // few to the eye, too many bytes
  assert.equal(nameMistake('evil\u202ename'), 'nameOdd')
  assert.equal(nameMistake('\u200d\u2800'), 'nameOdd')
})

test('a family is one character', () => {
  assert.equal(graphemes('👩‍👩‍👧‍👦a'), 2)
})
