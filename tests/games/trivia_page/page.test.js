// @ts-check
/** The page's small rules: its words, its place, its seats, its form, its endings. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { endingOf } from '../../../games/trivia/page/logic/ending.js'
import { optionSize, promptSize } from '../../../games/trivia/page/logic/fit.js'
import { inputOf, isSeconds } from '../../../games/trivia/page/logic/input.js'
import { tileOf } from '../../../games/trivia/page/logic/tile.js'
import {
  kindOf,
  partyPath,
  placeOf,
  roomPath,
  spoken,
} from '../../../games/trivia/page/model/place.js'
import { createSeats } from '../../../games/trivia/page/model/seat.js'
import { KEYS, ordinal, t } from '../../../games/trivia/page/strings.js'

const PAGE = new URL('../../../games/trivia/page/', import.meta.url)

test('words are filled in, and counted', () => {
  assert.equal(t('progress', { n: 12, total: 15 }), '12 of 15 locked in')
  assert.equal(t('points', { n: 1 }), '1 point')
  assert.equal(t('points', { n: 0 }), '0 points')
  assert.equal(t('points', { n: 7.25 }), '7.25 points')
  assert.equal(t('removeName', { name: '{n} $& <b>' }), 'Remove {n} $& <b>')
})

test('a name from right to left does not turn the sentence around', () => {
  assert.equal(t('rankingWinner', { name: 'שרה' }), '\u2068שרה\u2069 wins!')
  assert.equal(t('rankingWinner', { name: 'Zoë' }), 'Zoë wins!')
})

test('ordinals', () => {
  assert.deepEqual([1, 2, 3, 4, 11, 22, 113].map(ordinal), [
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '22nd',
    '113th',
  ])
})

test('every word of the catalogue is used somewhere', () => {
  const files = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.js') && file !== 'strings.js',
  )
  const code = files.map((file) => readFileSync(new URL(file, PAGE), 'utf8')).join('\n')
  const unused = KEYS.filter((key) => !code.includes(`'${key}'`))
  // These are keys by their value: a presence, a verdict.
  assert.deepEqual(
    unused.filter((key) => !['away', 'gone', 'ordinal'].includes(key)),
    [],
  )
})

test('no page sets HTML from a text', () => {
  for (const file of readdirSync(PAGE, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue
    const code = readFileSync(new URL(file, PAGE), 'utf8')
    assert.doesNotMatch(code, /innerHTML|insertAdjacentHTML|document\.write|console\./, file)
  }
})

test('the page is where the server says', () => {
  const place = placeOf({ root: '/app', party: 'trivia', room: 'k7m2xw', url: 'http://a:8/x' })
  assert.equal(partyPath(place), '/app/parties/trivia')
  assert.equal(roomPath(place), '/app/parties/trivia/k7m2xw')
  assert.equal(placeOf({ root: '', party: 'trivia' }).room, undefined)
})

test('addresses are spoken without what everybody leaves out', () => {
  assert.equal(
    spoken('http://192.168.0.2:8000/parties/trivia/k7m2xw'),
    '192.168.0.2:8000/parties/trivia/k7m2xw',
  )
})

test('who made the room is its host; a fragment asks for a screen', () => {
  assert.equal(kindOf('', true), 'host')
  assert.equal(kindOf('', false), 'player')
  assert.equal(kindOf('#screen', true), 'screen')
  assert.equal(kindOf('#watch', false), 'spectator')
})

test('a seat is kept for its room and its kind', () => {
  const stored = new Map()
  const seats = createSeats({
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
    removeItem: (key) => void stored.delete(key),
  })
  seats.keep('/parties/trivia/a', 'player', { token: 'secret', name: 'Ann' })
  assert.deepEqual(seats.seat('/parties/trivia/a', 'player'), { token: 'secret', name: 'Ann' })
  assert.equal(seats.seat('/parties/trivia/a', 'host'), undefined)
  assert.equal(seats.seat('/parties/trivia/b', 'player'), undefined)
  seats.forget('/parties/trivia/a', 'player')
  assert.equal(seats.seat('/parties/trivia/a', 'player'), undefined)
})

test('a browser that keeps nothing still plays', () => {
  const full = () => {
    throw new DOMException('no', 'QuotaExceededError')
  }
  for (const storage of [undefined, { getItem: full, setItem: full, removeItem: full }]) {
    const seats = createSeats(storage)
    seats.keep('/r', 'player', { token: 't' })
    assert.equal(seats.seat('/r', 'player')?.token, 't')
    seats.keepName('Ann')
    assert.equal(seats.name(), 'Ann')
  }
})

test('what somebody else has written into the storage is no seat', () => {
  for (const text of ['', '{', '7', 'null', '{"token":7}']) {
    const seats = createSeats({ getItem: () => text, setItem() {}, removeItem() {} })
    assert.equal(seats.seat('/r', 'player'), undefined, text)
  }
})

test('the form is the input of the party', () => {
  assert.deepEqual(inputOf({ hostPlays: false, speed: false, seconds: '' }), {
    host_plays: false,
    speed: 'none',
  })
  assert.deepEqual(inputOf({ hostPlays: true, speed: true, seconds: ' 30 ' }), {
    host_plays: true,
    speed: 'linear',
    durations: { time: 30 },
  })
})

test('seconds are a number within the bounds, or nothing', () => {
  assert.deepEqual(['', ' ', '5', '12.5', '600'].map(isSeconds), [true, true, true, true, true])
  assert.deepEqual(['4', '601', 'x', '1e999', '-5'].map(isSeconds), [
    false,
    false,
    false,
    false,
    false,
  ])
})

test('each way to be out has its words, by code and by close code', () => {
  const title = (/** @type {string} */ code, closeCode = 4000) =>
    endingOf({ code, closeCode }).title
  assert.equal(title('kicked'), 'kickedTitle')
  assert.equal(title('closed', 4006), 'kickedTitle')
  assert.equal(title('closed', 4010), 'missingTitle')
  assert.equal(title('room_full', 4011), 'fullTitle')
  assert.equal(title('closed', 4007), 'elsewhereTitle')
  assert.equal(title('constructor', 1000), 'endedTitle')
})

test('longer texts are written smaller, and eight options smaller than four', () => {
  assert.deepEqual(
    [10, 100, 150, 300, 500].map((n) => promptSize('x'.repeat(n))),
    ['xl', 'l', 'm', 's', 'xs'],
  )
  assert.equal(optionSize(['x'.repeat(30), 'y']), 'l')
  assert.equal(optionSize(Array(8).fill('x'.repeat(30))), 'm')
})

test('each of the eight letters has a tile of its own', () => {
  assert.deepEqual([...'abcdefgh'].map(tileOf), [1, 2, 3, 4, 5, 6, 7, 8])
})
