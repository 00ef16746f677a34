// @ts-check
/** What a state means to whom, and in which order a log is read. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createActorFacade } from '@machine-party/client'
import {
  logOf,
  meaningOf,
  refusalOf,
  STEPS,
  situationOf,
  stepOf,
} from '../../../games/payment/page/logic/scene.js'

/** @typedef {import('../../../games/payment/page/types.js').PaymentView} PaymentView */

/**
 * @param {import('@machine-party/client').StateValue} value
 * @param {object} [context]
 * @param {string[]} [tags]
 * @returns {PaymentView}
 */
function view(value, context = {}, tags = []) {
  const document = { value, tags, context: { deadline: null, pays: false, log: {}, ...context } }
  return /** @type {any} */ (createActorFacade(document, { send() {} }))
}

const INNER = {
  approved: ['debiting', 'debit_unanswered'],
  debited: ['crediting', 'credit_unanswered'],
  refunding: ['returning', 'return_unanswered'],
}

test('every state is one step, and says something to everybody', () => {
  for (const { state, name } of STEPS) {
    const inner = INNER[/** @type {keyof typeof INNER} */ (state)]
    const values = inner ? inner.map((each) => ({ [String(state)]: each })) : [String(state)]
    for (const value of values) {
      assert.equal(stepOf(view(value))?.name, name)
      for (const isAdmin of [true, false]) {
        assert.notEqual(meaningOf(view(value), isAdmin), 'nothingToSay')
      }
    }
  }
})

test('who decides is told so', () => {
  assert.equal(meaningOf(view('awaiting_approval', { pays: true }), false), 'approveNow')
  assert.equal(meaningOf(view('awaiting_approval'), true), 'approveWait')
  assert.equal(meaningOf(view('awaiting_admin_approval'), true), 'adminNow')
  assert.equal(meaningOf(view('awaiting_admin_approval', { pays: true }), false), 'adminWait')
})

test('a bank that does not answer is spoken of while it is waited for', () => {
  const waiting = view({ debited: 'credit_unanswered' }, { deadline: 5 }, ['moving'])
  assert.equal(meaningOf(waiting, true), 'unansweredNow')
  const paused = view({ debited: 'credit_unanswered' }, { deadline: null }, ['moving'])
  assert.equal(meaningOf(paused, true), 'unansweredNow')
  assert.equal(meaningOf(view({ debited: 'crediting' }, {}, ['moving']), true), 'debitedNow')
})

test('the log is read in the order of its numbers', () => {
  const line = { at: 0, code: 'created', by: 'admin' }
  const log = { 10: line, 9: line, 11: line }
  assert.deepEqual(
    logOf(view('approved', { log })).map(([number]) => number),
    ['9', '10', '11'],
  )
})

/** @param {...[code: string, by: string]} lines */
function logged(...lines) {
  return { log: Object.fromEntries(lines.map(([code, by], n) => [n + 1, { at: 0, code, by }])) }
}

test('who said no, and why it was cancelled, is told', () => {
  const meaning = (/** @type {string} */ value, /** @type {string} */ code, by = 'bank') =>
    meaningOf(view(value, logged(['created', 'admin'], [code, by])), false)
  assert.equal(meaning('rejected', 'rejected', 'payer'), 'rejectedPayer')
  assert.equal(meaning('rejected', 'rejected', 'admin'), 'rejectedAdmin')
  assert.equal(meaning('cancelled', 'withdrawn', 'admin'), 'cancelledWithdrawn')
  assert.equal(meaning('cancelled', 'debit_refused'), 'cancelledRefused')
  assert.equal(meaning('cancelled', 'nothing_taken'), 'cancelledNothing')
})

test('who confirms too late hears that somebody else has', () => {
  const confirmed = logged(['confirmed', 'payer'])
  assert.equal(refusalOf('confirm', view('awaiting_approval', confirmed)), 'refusedConfirm')
  const mine = view('awaiting_approval', { ...confirmed, pays: true })
  assert.equal(refusalOf('confirm', mine), 'refusedEvent')
  assert.equal(
    refusalOf('confirm', view('cancelled', logged(['withdrawn', 'admin']))),
    'refusedEvent',
  )
  assert.equal(refusalOf('approve', view('awaiting_admin_approval', confirmed)), 'refusedEvent')
})

test('a situation is another one once something else can be done', () => {
  const waiting = view('needs_confirm')
  assert.equal(
    situationOf(waiting),
    situationOf(view('needs_confirm', logged(['created', 'admin']))),
  )
  assert.notEqual(situationOf(waiting), situationOf(view('awaiting_approval')))
  assert.notEqual(
    situationOf(view({ approved: 'debiting' })),
    situationOf(view({ approved: 'debit_unanswered' })),
  )
})

/** The example of docs/payment.md, as a function of what it takes from around it. */
function documented() {
  const page = readFileSync(new URL('../../../docs/payment.md', import.meta.url), 'utf8')
  const [, block = ''] = page.match(/^```js\n(.*?)^```/ms) ?? []
  const body = block.replace(/^import .*$/m, '')
  assert.match(body, /createActorFacade\(snapshot, \{ send \}\)/)
  const Kind = Object.getPrototypeOf(async () => {}).constructor
  return new Kind('createActorFacade', 'fetch', 'room', 'token', body)
}

test('the documented example approves when it may, and only then', async () => {
  for (const [value, can, count] of /** @type {const} */ ([
    ['awaiting_approval', { approve: true }, 1],
    ['awaiting_admin_approval', { approve: true }, 1],
    ['awaiting_approval', {}, 0],
    ['needs_confirm', { confirm: true }, 0],
  ])) {
    /** @type {unknown[]} */
    const posted = []
    const answer = { json: () => ({ snapshot: { value, tags: [], can, context: {} } }) }
    const request = (/** @type {string} */ path, /** @type {RequestInit} */ { body, headers }) => {
      if (body) posted.push([path, JSON.parse(String(body)), headers])
      return Promise.resolve(answer)
    }
    await documented()(createActorFacade, request, '/parties/payment/k7m2xw', 'secret')
    const headers = { Authorization: 'Bearer secret', 'Content-Type': 'application/json' }
    const event = ['/parties/payment/k7m2xw/events', { event: { type: 'approve' } }, headers]
    assert.deepEqual(posted, Array(count).fill(event))
  }
})
