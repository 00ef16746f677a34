// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerState, refusalKey } from '../../../games/trivia/page/logic/answer.js'
import { createAnswer } from '../../../games/trivia/page/model/answer.js'

const NOTHING = {
  question: 'q1',
  draft: null,
  outgoing: undefined,
  confirming: undefined,
  online: true,
  paused: false,
}
/** @param {Partial<import('../../../games/trivia/page/party.js').Draft>} rest */
const draft = (rest) => ({ question: 'q1', choice: null, text: null, confirmed: false, ...rest })

test('nothing is answered, and nothing is said', () => {
  const state = answerState(NOTHING)
  assert.equal(state.given, false)
  assert.equal(state.note, undefined)
})

test('while the quiz is paused no answer is taken, and an answer stands', () => {
  assert.ok(answerState(NOTHING).taken)
  const state = answerState({ ...NOTHING, draft: draft({ choice: 'b' }), paused: true })
  assert.deepEqual([state.choice, state.taken, state.note], ['b', false, 'pausedAnswer'])
  const locked = answerState({ ...NOTHING, draft: draft({ confirmed: true }), paused: true })
  assert.deepEqual([locked.taken, locked.note], [false, undefined])
})

test('what the room holds is chosen; what is on its way is only on its way', () => {
  const outgoing = { question: 'q1', choice: 'c' }
  const state = answerState({ ...NOTHING, draft: draft({ choice: 'b' }), outgoing })
  assert.equal(state.choice, 'b')
  assert.equal(state.sending, 'c')
  assert.equal(state.note, 'sending')
})

test('without a connection it says that it will be sent', () => {
  const outgoing = { question: 'q1', choice: 'c' }
  assert.equal(answerState({ ...NOTHING, outgoing, online: false }).note, 'willBeSent')
  assert.equal(answerState({ ...NOTHING, confirming: 'q1', online: false }).note, 'confirmOffline')
})

test('what belongs to another question is not shown', () => {
  const state = answerState({
    ...NOTHING,
    draft: { ...draft({ choice: 'b' }), question: 'q0' },
    outgoing: { question: 'q0', choice: 'c' },
    confirming: 'q0',
  })
  assert.deepEqual(
    [state.choice, state.sending, state.given, state.confirming],
    [null, undefined, false, false],
  )
})

test('a confirmed answer is locked; one without an answer is a pass', () => {
  assert.equal(
    answerState({ ...NOTHING, draft: draft({ choice: 'a', confirmed: true }) }).locked,
    true,
  )
  assert.equal(answerState({ ...NOTHING, draft: draft({ confirmed: true }) }).given, false)
})

test('an empty text is no answer', () => {
  assert.equal(answerState({ ...NOTHING, draft: draft({ text: ' ' }) }).given, false)
})

test('late is told as late, however the room says it', () => {
  assert.equal(refusalKey('too_late'), 'tooLate')
  assert.equal(refusalKey('not_handled'), 'tooLate')
  assert.equal(refusalKey('paused'), 'pausedAnswer')
  assert.equal(refusalKey('rate_limited'), 'busy')
  assert.equal(refusalKey('something'), 'refused')
})

test('an answer is pending until its receipt; a newer one takes its place', async () => {
  /** @type {((accepted: boolean) => void)[]} */
  const receipts = []
  /** @type {object[]} */
  const sent = []
  const answer = createAnswer((event) => {
    sent.push(event)
    return new Promise((resolve) => receipts.push(resolve))
  })
  const first = answer.choose('q1', 'a')
  const second = answer.choose('q1', 'b')
  receipts[0]?.(true)
  await first
  assert.deepEqual(answer.outgoing.value, { question: 'q1', choice: 'b' })
  receipts[1]?.(false)
  await second
  assert.equal(answer.outgoing.value, undefined)
  assert.deepEqual(sent, [
    { type: 'answer', question: 'q1', choice: 'a' },
    { type: 'answer', question: 'q1', choice: 'b' },
  ])
})

test('a receipt that does not come is called late', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  /** @type {(accepted: boolean) => void} */
  let arrive = () => {}
  const answer = createAnswer(() => new Promise((resolve) => (arrive = resolve)))
  const confirmed = answer.confirm('q1')
  assert.equal(answer.confirming.value, 'q1')
  context.mock.timers.tick(2_000)
  assert.equal(answer.late.value, true)
  arrive(true)
  await confirmed
  assert.equal(answer.late.value, false)
  assert.equal(answer.confirming.value, undefined)
})
