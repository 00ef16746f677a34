// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerState, refusalKey } from '../../../games/trivia/page/logic/answer.js'
import { createAnswer } from '../../../games/trivia/page/model/answer.js'

const NOTHING = {
  question: 'q1',
  draft: null,
  outgoing: undefined,
  typed: undefined,
  refused: undefined,
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

test('only what the room holds is called received', () => {
  const typed = { question: 'q1', text: 'Amazon' }
  const facts = { ...NOTHING, draft: draft({ text: 'Nile' }), typed }
  const state = answerState(facts)
  assert.deepEqual([state.text, state.given, state.note], ['Amazon', true, 'sending'])
  assert.equal(answerState({ ...facts, online: false }).note, 'willBeSent')
  assert.equal(answerState({ ...facts, refused: typed }).note, 'notReceived')
  assert.equal(answerState({ ...facts, paused: true }).note, 'pausedAnswer')
  assert.equal(answerState({ ...facts, typed: { ...typed, question: 'q0' } }).note, 'saved')
  assert.equal(answerState({ ...facts, typed: { ...typed, text: '' } }).given, false)
  const locked = answerState({ ...facts, draft: draft({ text: 'Nile', confirmed: true }) })
  assert.equal(locked.text, 'Nile')
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
  await settled()
  context.mock.timers.tick(2_000)
  assert.equal(answer.late.value, true)
  arrive(true)
  await confirmed
  assert.equal(answer.late.value, false)
  assert.equal(answer.confirming.value, undefined)
})

/** @param {() => boolean} [takes] */
function typist(takes) {
  /** @type {{ event: any, answer: (accepted: boolean) => Promise<void> }[]} */
  const sent = []
  const model = createAnswer((event) => {
    /** @type {(accepted: boolean) => void} */
    let resolve = () => {}
    const receipt = new Promise((done) => (resolve = done))
    const answer = async (/** @type {boolean} */ accepted) => {
      resolve(accepted)
      await settled()
    }
    sent.push({ event, answer })
    return receipt
  }, takes)
  return { model, sent, texts: () => sent.map(({ event }) => event.text ?? event.type) }
}

/** What waits for no time has happened. */
async function settled() {
  for (let n = 0; n < 10; n += 1) await Promise.resolve()
}

test('what is typed is sent a moment later, and is the field’s until the room holds it', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { model, sent, texts } = typist()
  model.type('q1', 'A')
  model.type('q1', 'Am')
  assert.deepEqual(texts(), [])
  context.mock.timers.tick(300)
  assert.deepEqual(texts(), ['Am'])
  model.type('q1', 'Ama')
  await sent[0]?.answer(true)
  assert.equal(model.typed.value?.text, 'Ama')
  context.mock.timers.tick(300)
  await sent[1]?.answer(true)
  assert.equal(model.typed.value, undefined)
})

test('what was typed when the quiz was paused is sent when it goes on', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  let takes = true
  const { model, sent, texts } = typist(() => takes)
  model.type('q1', 'Amazon')
  takes = false
  context.mock.timers.tick(300)
  assert.deepEqual(texts(), [])
  takes = true
  model.settle('q1')
  assert.deepEqual(texts(), ['Amazon'])
  await sent[0]?.answer(true)
  model.settle('q1')
  assert.deepEqual(texts(), ['Amazon'])
})

test('what the room has refused can be sent again', async () => {
  const { model, sent, texts } = typist()
  model.type('q1', 'Amazon')
  model.settle('q1')
  await sent[0]?.answer(false)
  assert.equal(model.refused.value, model.typed.value)
  model.settle('q1')
  assert.equal(model.refused.value, undefined)
  assert.deepEqual(texts(), ['Amazon', 'Amazon'])
})

test('a confirmation is of what was typed last: that goes first', async () => {
  const { model, sent, texts } = typist()
  model.type('q1', 'Amazon')
  model.settle('q1')
  model.confirm('q1')
  await settled()
  assert.deepEqual(texts(), ['Amazon'])
  assert.equal(model.confirming.value, 'q1')
  await sent[0]?.answer(true)
  assert.deepEqual(texts(), ['Amazon', 'confirm'])
  await sent[1]?.answer(true)
  assert.equal(model.confirming.value, undefined)
})

test('what the room does not take is not confirmed', async () => {
  const { model, sent, texts } = typist()
  model.type('q1', 'Amazon')
  model.confirm('q1')
  await sent[0]?.answer(false)
  assert.deepEqual(texts(), ['Amazon'])
  assert.equal(model.confirming.value, undefined)
})

test('what was typed for another question stays there', () => {
  const { model, texts } = typist()
  model.type('q1', 'Amazon')
  model.settle('q2')
  assert.deepEqual(texts(), [])
})
