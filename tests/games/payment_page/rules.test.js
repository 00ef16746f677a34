// @ts-check
/** The payment page's small rules: its words, its form, its time, its places. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BANKS, centsOf, inputOf, mistakes } from '../../../games/payment/page/logic/input.js'
import { nextChange, secondsLeft } from '../../../games/payment/page/logic/time.js'
import { kindOf, placeOf, roomPath, viewOf } from '../../../games/payment/page/model/place.js'
import { createSeats } from '../../../games/payment/page/model/seat.js'
import { KEYS, moment, money, t } from '../../../games/payment/page/strings.js'

const PAGE = new URL('../../../games/payment/page/', import.meta.url)

test('words are filled in, and counted', () => {
  assert.equal(t('secondsLeft', { n: 1 }), '1 second left')
  assert.equal(t('secondsLeft', { n: 10 }), '10 seconds left')
  assert.equal(t('fromTo', { payer: '{payee} $&', payee: 'Bob' }), 'from {payee} $& to Bob')
  assert.equal(t('fromTo', { payer: 'שרה', payee: 'Bob' }), 'from \u2068שרה\u2069 to Bob')
})

test('every word of the catalogue is used somewhere', () => {
  const files = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.js') && file !== 'strings.js',
  )
  const code = files.map((file) => readFileSync(new URL(file, PAGE), 'utf8')).join('\n')
  // Some are keys by their value: a field of the form, a state of the connection, an event.
  const values = ['payer', 'payee', 'amount', 'balance', 'connected', 'reconnecting', 'closed']
  assert.deepEqual(
    KEYS.filter((key) => !code.includes(`'${key}'`) && !values.includes(key)),
    [],
  )
})

test('cents are written as dollars', () => {
  assert.equal(money(10_000), '$100.00')
  assert.equal(money(5), '$0.05')
})

test('what is typed as dollars is sent as cents', () => {
  assert.deepEqual(
    ['100', ' 99.50 ', '0,05', '0', '1000000', '$100', '$ 1,200.50'].map(centsOf),
    [10_000, 9_950, 5, 0, 100_000_000, 10_000, 120_050],
  )
  for (const typed of [
    '1,200.50',
    '1.200,50',
    '1 200.50',
    '1\u202f200,5',
    '1’200.5',
    '1200.50 $',
  ]) {
    assert.equal(centsOf(typed), 120_050, typed)
  }
  for (const typed of ['1,000,000', '1 000 000', '1000000.00']) {
    assert.equal(centsOf(typed), 100_000_000, typed)
  }
  for (const typed of ['', '-1', '1e3', '1.005', 'ten', '1000000.01', '12345678', 'NaN', '$']) {
    assert.equal(centsOf(typed), undefined, typed)
  }
  for (const typed of ['1,00,000', '1,000,50', '1 00', '$$5', '1.000.000', '10,00.5']) {
    assert.equal(centsOf(typed), undefined, typed)
  }
})

test('a form is checked before it is sent', () => {
  const form = {
    payer: ' Ada ',
    payee: 'Bob',
    amount: '1.5',
    balance: '0',
    bank: /** @type {const} */ ('deaf'),
  }
  assert.deepEqual(mistakes(form), {})
  assert.deepEqual(inputOf(form), {
    payer: 'Ada',
    payee: 'Bob',
    amount: 150,
    balance: 0,
    failures: BANKS.deaf,
  })
  assert.deepEqual(mistakes({ ...form, payer: ' ', payee: '', amount: '0', balance: 'x' }), {
    payer: 'whoWrong',
    payee: 'whoWrong',
    amount: 'amountWrong',
    balance: 'balanceWrong',
  })
})

test('a name that the server would refuse is told at its field', () => {
  const form = { payer: 'Ada', payee: 'Bob', amount: '1', balance: '1' }
  /** @param {string} payer */
  const mistake = (payer) =>
    mistakes({ ...form, bank: /** @type {const} */ ('sound'), payer }).payer
  for (const name of ['Ada', 'שרה', 'محمد', '👩‍👩‍👧‍👦 & Söhne', 'می‌خواهم']) {
    assert.equal(mistake(name), undefined, name)
  }
  for (const name of ['', ' ', '\u200d', ' \u200c ']) assert.equal(mistake(name), 'whoWrong', name)
  for (const name of ['\u202eadA', 'Ada\u2066', '\u200fאדה', 'a\x00', '\ufeffa']) {
    assert.equal(mistake(name), 'whoHidden', name)
  }
})

test('the time of another day is told with the day', () => {
  const noon = new Date(2026, 4, 6, 12, 30, 5).getTime()
  assert.equal(moment(noon, noon + 3_600_000), '12:30:05')
  assert.equal(moment(noon, noon + 24 * 3_600_000), 'May 6, 2026, 12:30:05')
})

test('how often it asked is said as a person says it', () => {
  const said = (/** @type {number} */ asked, /** @type {number} */ changed) =>
    t('pollCounts', { asked: t('asked', { n: asked }), changed: t('changed', { n: changed }) })
  assert.equal(said(1, 1), 'asked once, 1 answer was new')
  assert.equal(said(12, 2), 'asked 12 times, 2 answers were new')
})

test('seconds are counted as a person counts them', () => {
  assert.deepEqual(
    [-3, 0, 1, 999, 1_000, 9_001, 20_000].map((now) => secondsLeft(10_000, 10_000, now)),
    [10, 10, 10, 10, 9, 1, 0],
  )
  assert.deepEqual(
    [nextChange(10_000, 0), nextChange(10_000, 1), nextChange(10_000, 10_000)],
    [1_000, 999, undefined],
  )
})

test('where the page is, and as what', () => {
  const place = placeOf({ root: '/games', party: 'payment', room: 'k7m2xw' })
  assert.equal(roomPath(place), '/games/parties/payment/k7m2xw')
  assert.deepEqual(
    [kindOf('', true), kindOf('', false), kindOf('#user', true)],
    ['admin', 'user', 'user'],
  )
  assert.deepEqual(['', '?view=poll', '?view=both', '?view=x'].map(viewOf), [
    'live',
    'poll',
    'both',
    'live',
  ])
})

test('a seat is kept where something may be kept, and for the visit elsewhere', () => {
  /** @type {Map<string, string>} */
  const kept = new Map()
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  }
  const forbidden = {
    getItem: () => assert.fail('no'),
    setItem: () => assert.fail('no'),
    removeItem: () => assert.fail('no'),
  }
  for (const each of [storage, forbidden, undefined]) {
    const seats = createSeats(each)
    seats.keep('/r', 'admin', 'token')
    assert.equal(seats.token('/r', 'admin'), 'token')
    assert.equal(seats.token('/r', 'user'), undefined)
  }
  assert.equal(createSeats(storage).token('/r', 'admin'), 'token')
  createSeats(storage).forget('/r', 'admin')
  assert.equal(createSeats(storage).token('/r', 'admin'), undefined)
})
