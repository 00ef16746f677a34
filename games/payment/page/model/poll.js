// @ts-check
/**
 * The payment by polling: this side asks once a second whether something is new.
 *
 * What an answer shows is a façade of the same kind as the live one: made of a document and a way
 * to send. Asking stops when the payment is over.
 */

import { createActorFacade } from '@machine-party/client'
import { signal } from '@preact/signals'
import { ask, Failure } from './http.js'

/** @typedef {import('../types.js').Desk} Desk */
/** @typedef {import('../types.js').Payment} Payment */

/** Milliseconds between an answer and the next question. */
const INTERVAL = 1_000

/** Milliseconds; while the server cannot be reached, it is asked less and less often. */
const LONGEST = 8_000

/**
 * @param {string} path of the room
 * @param {string} token
 * @param {typeof fetch} [request]
 * @returns {Desk}
 */
export function openPoll(path, token, request = (...given) => fetch(...given)) {
  /** @type {Desk['shown']} */
  const shown = signal(undefined)
  /** @type {Desk['connection']} */
  const connection = signal('connecting')
  const counts = signal({ asked: 0, changed: 0 })
  /** @type {Desk['ended']} */
  const ended = signal(undefined)
  /** Who waits for the next answer. @type {(() => void)[]} */
  let waiting = []
  /** Milliseconds by which the server's clock is ahead of this one. */
  let ahead = 0
  /** @type {string | undefined} */
  let etag
  let pause = INTERVAL
  let seated = false
  let busy = false
  let again = false
  let over = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  const look = async () => {
    // Who has made the payment has a token and no seat yet: without one, it is nobody's admin.
    if (!seated) await ask(request, `${path}/members`, { token, body: {} })
    seated = true
    const asked = Date.now()
    const response = await ask(request, path, { token, etag })
    if (response.status === 304) return false
    const answered = Date.now()
    const { now, snapshot } = await response.json()
    ahead = now - (asked + answered) / 2
    etag = response.headers.get('etag') ?? undefined
    shown.value = facadeOf(snapshot, send)
    return true
  }
  const round = async () => {
    const served = waiting
    waiting = []
    busy = true
    again = false
    try {
      const changed = await look()
      counts.value = {
        asked: counts.value.asked + 1,
        changed: counts.value.changed + Number(changed),
      }
      connection.value = 'connected'
      pause = INTERVAL
    } catch (error) {
      failed(error)
    }
    busy = false
    for (const resolve of served) resolve()
    if (again) soon(0)
    else if (!shown.value?.hasTag('final')) soon(pause)
  }
  /** @param {unknown} error */
  const failed = (error) => {
    if (error instanceof Failure && !error.temporary) {
      end()
      ended.value = error.code
      connection.value = 'closed'
    } else {
      if (connection.value === 'connected') connection.value = 'reconnecting'
      pause = Math.min(LONGEST, pause * 2)
    }
  }
  /** @param {number} wait milliseconds until the next question */
  const soon = (wait) => {
    clearTimeout(timer)
    if (over) return
    if (busy) again = true
    else timer = setTimeout(round, wait)
  }
  /** Once what the next answer says is shown, or it did not come. @returns {Promise<void>} */
  const looked = () =>
    new Promise((resolve) => {
      if (over) return resolve()
      waiting.push(resolve)
      soon(0)
    })
  const end = () => {
    over = true
    clearTimeout(timer)
    for (const resolve of waiting) resolve()
  }
  const send = sender({ path, token, request, looked, isOver: () => over })
  // In a tab that nobody looks at, timers are slow.
  const onVisible = () => {
    if (document.visibilityState === 'visible') soon(0)
  }
  globalThis.document?.addEventListener('visibilitychange', onVisible)
  soon(0)
  return {
    shown,
    connection,
    counts,
    ended,
    now: () => Date.now() + ahead,
    send,
    hurry: () => soon(0),
    dispose: () => {
      end()
      globalThis.document?.removeEventListener('visibilitychange', onVisible)
    },
  }
}

/**
 * @param {import('@machine-party/client').Document} document
 * @param {Desk['send']} send
 * @returns {import('@machine-party/client').ActorFacade<Payment, ReturnType<Desk['send']>>}
 */
function facadeOf(document, send) {
  return createActorFacade(document, { send: /** @type {any} */ (send) })
}

/**
 * Sends events over HTTP: each under an id, so that one that is sent again counts once.
 *
 * @param {object} parts
 * @param {string} parts.path of the room
 * @param {string} parts.token
 * @param {typeof fetch} parts.request
 * @param {() => Promise<void>} parts.looked asks what is new; resolves when that is shown
 * @param {() => boolean} parts.isOver nobody waits for an answer any more
 * @returns {Desk['send']}
 */
function sender({ path, token, request, looked, isOver }) {
  const client = drawClientId()
  let sent = 0
  /** @param {object} body */
  const post = async (body) => {
    const response = await ask(request, `${path}/events`, { token, body })
    const receipt = await response.json()
    await looked()
    return receipt
  }
  /** @param {unknown} error */
  const restAfter = async (error) => {
    void looked()
    const wait = waitAfter(error)
    if (wait !== undefined && !isOver()) await rest(wait)
    if (wait === undefined || isOver()) throw error
  }
  return async (event) => {
    sent += 1
    const body = { id: `${client}.${sent}`, event }
    for (;;) {
      try {
        return await post(body)
      } catch (error) {
        await restAfter(error)
      }
    }
  }
}

/**
 * Milliseconds after which what has failed may be tried again; undefined: never.
 * @param {unknown} error
 */
function waitAfter(error) {
  if (!(error instanceof Failure)) return INTERVAL
  return error.temporary ? error.wait : undefined
}

/** @param {number} wait milliseconds */
function rest(wait) {
  return new Promise((resolve) => setTimeout(resolve, wait))
}

/** 64 random bits as 16 hex digits. */
function drawClientId() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(8))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
