// @ts-check
/** The way into a room and out of it, with a façade that does what the test says. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createActorFacade } from '@machine-party/client'
import { makeRoom } from '../../../games/trivia/page/model/creation.js'
import { createEntry } from '../../../games/trivia/page/model/entry.js'
import { createSeats } from '../../../games/trivia/page/model/seat.js'

/** @typedef {import('../../../games/trivia/page/types.js').Kind} Kind */

const PLACE = {
  root: '',
  party: 'trivia',
  room: 'k7m2xw',
  address: 'http://a/parties/trivia/k7m2xw',
}
const PATH = '/parties/trivia/k7m2xw'

/**
 * A façade whose connection the test moves.
 * @param {string} value the room's state
 */
function puppet(value) {
  /** @type {(state: string) => void} */
  let tell = () => {}
  /** @type {(value: unknown) => void} */
  let open = () => {}
  /** @type {(reason: unknown) => void} */
  let fail = () => {}
  const facade = {
    snapshot: createActorFacade({ value, context: {} }, { send() {} }).snapshot,
    connection: 'connecting',
    /** @type {string | undefined} */
    token: undefined,
    /** @type {object | undefined} */
    closed: undefined,
    ready: new Promise((resolve, reject) => {
      open = resolve
      fail = reject
    }),
    subscribe() {},
    /** @param {(state: string) => void} listener */
    onConnection(listener) {
      const before = tell
      tell = (state) => {
        before(state)
        listener(state)
      }
    },
  }
  return {
    facade,
    /** @param {string} token */
    async enter(token) {
      facade.token = token
      open(facade)
      await facade.ready
    },
    /** @param {object} closed */
    async end(closed) {
      facade.closed = closed
      fail(closed)
      tell('closed')
      await facade.ready.catch(() => {})
    },
    /** @param {string} token */
    renew(token) {
      facade.token = token
      tell('connected')
    },
  }
}

/**
 * @param {Kind} kind
 * @param {string} [value]
 */
function door(kind, value = 'lobby') {
  const seats = createSeats(undefined)
  /** @type {ReturnType<typeof puppet>[]} */
  const puppets = []
  /** @type {object[]} */
  const asked = []
  const entry = createEntry({
    place: PLACE,
    kind,
    seats,
    connect: (url, options) => {
      asked.push({ url, ...options })
      const one = puppet(value)
      puppets.push(one)
      return /** @type {never} */ (one.facade)
    },
  })
  return {
    entry,
    seats,
    asked,
    last: () => /** @type {ReturnType<typeof puppet>} */ (puppets.at(-1)),
  }
}

test('a newcomer gives a name, gets a seat, and keeps it', async () => {
  const { entry, seats, asked, last } = door('player')
  entry.start()
  assert.deepEqual(entry.stage.value, { at: 'name' })
  entry.join('Ann')
  assert.deepEqual(entry.stage.value, { at: 'joining', named: true })
  assert.deepEqual(asked, [{ url: PATH, token: undefined, name: 'Ann', role: 'player' }])
  await last().enter('secret')
  assert.equal(entry.stage.value.at, 'room')
  assert.deepEqual(seats.seat(PATH, 'player'), { token: 'secret', name: 'Ann' })
  assert.equal(seats.name(), 'Ann')
})

test('who has a seat comes back to it without a word', () => {
  const { entry, seats, asked } = door('player')
  seats.keep(PATH, 'player', { token: 'secret', name: 'Ann' })
  entry.start()
  assert.deepEqual(asked, [{ url: PATH, token: 'secret', name: 'Ann', role: 'player' }])
})

test('a screen needs no name', () => {
  const { entry, asked } = door('screen')
  entry.start()
  assert.equal(entry.stage.value.at, 'joining')
  assert.equal(asked.length, 1)
})

test('a renewed credential is kept', async () => {
  const { entry, seats, last } = door('player')
  entry.join('Ann')
  await last().enter('old')
  last().renew('new')
  assert.equal(seats.seat(PATH, 'player')?.token, 'new')
})

test('a refused name is asked for again, with the reason', async () => {
  const { entry, last } = door('player')
  entry.join('Ann')
  await last().end({ code: 'bad_request', closeCode: 4001, reason: 'no such name' })
  assert.deepEqual(entry.stage.value, { at: 'name', problem: 'no such name' })
})

test('who is removed is told so, and may begin anew with another name', async () => {
  const { entry, seats, last } = door('player')
  entry.join('Ann')
  await last().enter('secret')
  await last().end({ code: 'closed', closeCode: 4006, reason: 'removed' })
  const stage = entry.stage.value
  assert.equal(stage.at === 'ended' && stage.ending.title, 'kickedTitle')
  entry.rejoin()
  assert.equal(seats.seat(PATH, 'player'), undefined)
  assert.equal(entry.stage.value.at, 'name')
})

test('a finished game stays, whatever becomes of its room', async () => {
  const { entry, last } = door('player', 'ranking')
  entry.join('Ann')
  await last().enter('secret')
  await last().end({ code: 'not_found', closeCode: 4010, reason: 'gone' })
  assert.equal(entry.stage.value.at, 'room')
})

// -- making a room ----------------------------------------------------------------------------

/**
 * @param {number} status
 * @param {object} body
 */
const answering = (status, body) => () =>
  Promise.resolve(new Response(JSON.stringify(body), { status }))

test('a made room is told with its credential', async () => {
  const made = await makeRoom(
    PLACE,
    {},
    answering(201, { room: 'abc234', token: 'secret', url: 'http://a/abc234', epoch: 1 }),
  )
  assert.deepEqual(made, { room: 'abc234', token: 'secret', url: 'http://a/abc234' })
})

test('the input goes where the party is', async () => {
  /** @type {unknown[]} */
  const seen = []
  await makeRoom(PLACE, { speed: 'linear' }, (url, options) => {
    seen.push(url, JSON.parse(String(options?.body)))
    return Promise.resolve(new Response('{}', { status: 201 }))
  })
  assert.deepEqual(seen, ['/parties/trivia', { input: { speed: 'linear' } }])
})

test('what went wrong is said in words, and when to try again', async () => {
  const error = { reason: 'too many rooms', retry_after: 12.5 }
  const made = await makeRoom(PLACE, {}, answering(429, { error }))
  assert.deepEqual(made, {
    problem: 'The room could not be made: too many rooms. Please try again in 13 seconds.',
  })
})

test('no answer, or one that is none, is told as such', async () => {
  const gone = () => Promise.reject(new TypeError('Failed to fetch'))
  const page = () => Promise.resolve(new Response('<html>', { status: 502 }))
  for (const request of [gone, page]) {
    assert.match(JSON.stringify(await makeRoom(PLACE, {}, request)), /could not be reached/)
  }
})
