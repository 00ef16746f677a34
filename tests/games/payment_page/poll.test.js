// @ts-check
/** The half that polls: how it asks, when it stops, and that what it sends counts once. */

import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { openPoll } from '../../../games/payment/page/model/poll.js'

const PATH = '/parties/payment/k7m2xw'

/** Where a seat is taken. */
const MEMBERS = `${PATH}/members`

/** @typedef {{ path: string, method: string, headers: Record<string, string>, body?: any }} Request */

/**
 * A server that answers what the test says.
 * @param {(request: Request) => Response | Error} answer
 * @param {() => Response | Error} [seat] what it says to who takes a seat
 */
function serverOf(answer, seat = () => new Response('{}', { status: 201 })) {
  /** @type {Request[]} */
  const requests = []
  /** @type {Request[]} */
  const seats = []
  const request = /** @type {typeof fetch} */ (
    (path, { method, headers, body } = {}) => {
      const asked = /** @type {Request} */ ({
        path,
        method,
        headers,
        ...(body ? { body: JSON.parse(String(body)) } : {}),
      })
      if (path !== MEMBERS) requests.push(asked)
      else seats.push(asked)
      const answered = path === MEMBERS ? seat() : answer(asked)
      return answered instanceof Error ? Promise.reject(answered) : Promise.resolve(answered)
    }
  )
  return { requests, seats, request }
}

/** @param {string} value @param {string[]} [tags] @param {number} [now] */
function state(value, tags = [], now = Date.now()) {
  const snapshot = { value, tags, status: 'active', can: { approve: true }, context: {} }
  return new Response(JSON.stringify({ now, snapshot }), { headers: { ETag: `W/"${value}"` } })
}

const unchanged = () => new Response(null, { status: 304 })

/** @param {number} status @param {object} error */
function refusal(status, error) {
  return new Response(JSON.stringify({ error }), { status })
}

/** Lets so many milliseconds pass, and what waits for no time happen. @param {number} ms */
async function pass(ms) {
  for (let left = ms; left >= 0; left -= 100) {
    mock.timers.tick(Math.min(left, 100))
    for (let n = 0; n < 20; n += 1) await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 })
})

test('it asks once a second for what is new', async () => {
  const server = serverOf(({ headers }) =>
    headers['If-None-Match'] === 'W/"needs_confirm"' ? unchanged() : state('needs_confirm'),
  )
  const desk = openPoll(PATH, 'secret', server.request)
  assert.equal(desk.connection.value, 'connecting')
  await pass(5_000)
  assert.ok(server.requests.length >= 5 && server.requests.length <= 6)
  assert.deepEqual(desk.counts.value, { asked: server.requests.length, changed: 1 })
  assert.equal(desk.connection.value, 'connected')
  assert.equal(server.requests[0]?.headers.Authorization, 'Bearer secret')
  assert.ok(server.requests.every(({ path }) => path === PATH)) // no token in an address
  desk.dispose()
  const count = server.requests.length
  await pass(5_000)
  assert.equal(server.requests.length, count)
})

test('it takes its seat before it looks, and once', async () => {
  const answers = [
    new TypeError('fetch failed'),
    refusal(503, { code: 'draining', reason: '', temporary: true }),
  ]
  const server = serverOf(
    () => state('awaiting_admin_approval'),
    () => answers.shift() ?? new Response('{}', { status: 201 }),
  )
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(0)
  assert.deepEqual([server.seats.length, server.requests.length], [1, 0])
  await pass(20_000)
  assert.equal(server.seats.length, 3)
  assert.deepEqual(
    server.seats.map(({ method, body, headers }) => [method, body, headers.Authorization]),
    Array(3).fill(['POST', {}, 'Bearer secret']),
  )
  assert.ok(server.requests.length > 1)
  desk.dispose()
})

test('what it shows looks like the machine', async () => {
  const server = serverOf(() => state('awaiting_approval', ['waiting']))
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(0)
  const view = desk.shown.value
  assert.ok(view)
  assert.ok(view.matches('awaiting_approval') && !view.matches('approved'))
  assert.ok(view.hasTag('waiting') && view.can('approve') && !view.can('cancel'))
  desk.dispose()
})

test('it stops asking when the payment is over', async () => {
  const server = serverOf(() => state('succeeded', ['final']))
  openPoll(PATH, 'secret', server.request)
  await pass(10_000)
  assert.equal(server.requests.length, 1)
})

test('a server that is away is asked less and less often, and found again', async () => {
  let away = false
  const server = serverOf(() => (away ? new TypeError('fetch failed') : state('approved')))
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(500)
  away = true
  await pass(60_000)
  assert.equal(desk.connection.value, 'reconnecting')
  assert.ok(server.requests.length < 15, `${server.requests.length} requests`)
  away = false
  await pass(8_000)
  assert.equal(desk.connection.value, 'connected')
  desk.dispose()
})

test('a refusal that passes is one more reason to ask again; another one is the end', async () => {
  let error = refusal(503, { code: 'draining', reason: '', temporary: true })
  const server = serverOf(() => error)
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(3_000)
  assert.equal(desk.ended.value, undefined)
  error = refusal(401, { code: 'bad_token', reason: '', temporary: false })
  await pass(8_000)
  assert.equal(desk.ended.value, 'bad_token')
  assert.equal(desk.connection.value, 'closed')
  const count = server.requests.length
  await pass(20_000)
  assert.equal(server.requests.length, count)
})

test('what is sent is sent until it is answered, always under the same id', async () => {
  const failures = [
    new TypeError('fetch failed'),
    refusal(503, { code: 'store_unavailable', reason: '', temporary: true, retry_after: 2 }),
  ]
  const receipt = { id: 'x', status: 'duplicate', version: 7 }
  const server = serverOf(({ body }) => {
    if (!body) return unchanged()
    return failures.shift() ?? new Response(JSON.stringify(receipt))
  })
  const desk = openPoll(PATH, 'secret', server.request)
  const sent = desk.send({ type: 'approve' })
  await pass(4_000)
  assert.deepEqual(await sent, receipt)
  const posts = server.requests.filter(({ method }) => method === 'POST')
  assert.equal(posts.length, 3)
  assert.match(posts[0]?.body.id, /^[0-9a-f]{16}\.1$/)
  assert.deepEqual(posts[0]?.body, posts[2]?.body)
  assert.deepEqual(posts[0]?.body.event, { type: 'approve' })
  assert.equal(posts[0]?.path, `${PATH}/events`)
  const other = desk.send({ type: 'reject' })
  await pass(200)
  await other
  assert.match(server.requests.filter(({ body }) => body).at(-1)?.body.id, /\.2$/)
  desk.dispose()
})

test('after an answer it does not wait for its next turn', async () => {
  let value = 'awaiting_approval'
  const server = serverOf(({ body }) => {
    if (!body) return state(value)
    value = 'approved'
    return new Response(JSON.stringify({ id: 'x', status: 'accepted', version: 2 }))
  })
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(100)
  await Promise.all([desk.send({ type: 'approve' }), pass(100)])
  assert.ok(desk.shown.value?.matches('approved'))
  desk.dispose()
})

test('with an answer comes what it has led to', async () => {
  let value = 'needs_confirm'
  const server = serverOf(({ body }) => {
    if (!body) return state(value)
    value = 'awaiting_approval'
    return new Response(JSON.stringify({ id: 'x', status: 'rejected', code: 'not_handled' }))
  })
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(100)
  const met = desk.send({ type: 'confirm' }).then(() => desk.shown.value?.value)
  await pass(200)
  assert.equal(await met, 'awaiting_approval')
  desk.dispose()
})

test('who is gone sends nothing more', async () => {
  const server = serverOf(({ body }) => (body ? new TypeError('fetch failed') : unchanged()))
  const desk = openPoll(PATH, 'secret', server.request)
  const sent = assert.rejects(desk.send({ type: 'approve' }), /fetch failed/)
  await pass(500)
  desk.dispose()
  const count = server.requests.length
  await pass(10_000)
  await sent
  assert.equal(server.requests.length, count)
})

test('who is in a hurry is asked for at once', async () => {
  let away = true
  const server = serverOf(() => (away ? new TypeError('fetch failed') : state('approved')))
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(20_000)
  away = false
  const count = server.requests.length
  desk.hurry()
  await pass(0)
  assert.equal(server.requests.length, count + 1)
  assert.equal(desk.connection.value, 'connected')
  desk.dispose()
})

test('an event that is refused for good is told', async () => {
  const server = serverOf(({ body }) =>
    body ? refusal(403, { code: 'not_allowed', reason: 'no' }) : unchanged(),
  )
  const desk = openPoll(PATH, 'secret', server.request)
  await Promise.all([assert.rejects(desk.send({ type: 'cancel' }), /no/), pass(200)])
  desk.dispose()
})

test('the time is the server’s', async () => {
  const server = serverOf(({ headers }) =>
    headers['If-None-Match'] ? unchanged() : state('approved', [], Date.now() + 60_123),
  )
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(5_000)
  assert.equal(desk.now(), Date.now() + 60_123)
  desk.dispose()
})

test('an answer that was long on its way was made halfway', async () => {
  const server = serverOf(() => {
    const answer = state('approved', [], Date.now() + 400)
    mock.timers.setTime(Date.now() + 800)
    return answer
  })
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(0)
  assert.equal(desk.now(), Date.now())
  desk.dispose()
})

test('after half an hour of asking, with the server away in between, it still follows', async () => {
  let value = 'needs_confirm'
  let answers = 0
  const server = serverOf(({ headers }) => {
    answers += 1
    if (answers > 600 && answers < 610) return new TypeError('fetch failed')
    return headers['If-None-Match'] === `W/"${value}"` ? unchanged() : state(value)
  })
  const desk = openPoll(PATH, 'secret', server.request)
  await pass(30 * 60_000)
  assert.ok(server.requests.length > 1_600 && server.requests.length <= 1_801)
  assert.equal(desk.counts.value.changed, 1)
  value = 'awaiting_approval'
  await pass(1_100)
  assert.ok(desk.shown.value?.matches('awaiting_approval'))
  desk.dispose()
})
