// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createActorFacade } from '@machine-party/client'
import { nextStep, sceneKey, sceneOf } from '../../../games/trivia/page/logic/scene.js'
import { question } from './card.js'

/**
 * @param {import('@machine-party/client').StateValue} value
 * @param {object} [context]
 */
function snapshot(value, context = { question: question() }) {
  const actor = createActorFacade({ value, context }, { send() {} })
  return /** @type {import('../../../games/trivia/page/types.js').TriviaSnapshot} */ (
    /** @type {unknown} */ (actor.snapshot)
  )
}

const VALUES = /** @type {const} */ ([
  ['lobby', 'lobby'],
  ['countdown', 'countdown'],
  [{ question: 'preparation' }, 'preparation'],
  [{ question: 'open' }, 'open'],
  [{ question: 'closed' }, 'closed'],
  ['recap', 'recap'],
  ['ranking', 'ranking'],
])

test('every state of the machine has its scene', () => {
  for (const [value, scene] of VALUES) assert.equal(sceneOf(snapshot(value)), scene)
})

test('before the first snapshot there is none', () => {
  assert.equal(sceneOf(snapshot({}, {})), undefined)
})

test('a question stays one scene from its preparation to its end', () => {
  const keys = ['preparation', 'open', 'closed'].map((state) =>
    sceneKey(snapshot({ question: state })),
  )
  assert.equal(new Set(keys).size, 1)
  const other = snapshot({ question: 'preparation' }, { question: question({ id: 'q2' }) })
  assert.notEqual(sceneKey(other), keys[0])
  assert.notEqual(sceneKey(snapshot('recap')), keys[0])
})

test('next says what it does', () => {
  const action = (/** @type {Parameters<typeof nextStep>[0]} */ shown) => nextStep(shown)?.action
  assert.equal(action(snapshot('lobby')), undefined)
  assert.equal(action(snapshot({ question: 'preparation' })), 'nextPreparation')
  assert.equal(
    action(snapshot({ question: 'preparation' }, { question: question({ kind: 'text' }) })),
    'nextPreparationText',
  )
  assert.equal(action(snapshot({ question: 'open' })), 'nextOpen')
  assert.equal(action(snapshot('recap')), 'nextRecap')
  assert.equal(action(snapshot('recap', { question: question({ number: 2 }) })), 'nextRecapLast')
  assert.equal(action(snapshot('ranking')), undefined)
  const paused = { question: question(), paused: true }
  assert.equal(nextStep(snapshot({ question: 'open' }, paused))?.hint, 'nextPausedHint')
  assert.equal(nextStep(snapshot('ranking', paused)), undefined)
})
