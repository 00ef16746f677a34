// @ts-check
/** What a state means to whom, and in which order a log is read. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createActorFacade } from '@machine-party/client'
import { logOf, meaningOf, STEPS, stepOf } from '../../../games/payment/page/logic/scene.js'

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
