// @ts-check
/** A room as the page's parts see it: the façade's latest snapshot and connection as signals. */

import { signal } from '@preact/signals'
import { refusalKey } from '../logic/answer.js'
import { t } from '../strings.js'
import { createAnswer } from './answer.js'
import { createNotices } from './notice.js'

/** @typedef {import('../types.js').TriviaEvent} TriviaEvent */

/**
 * @param {import('../types.js').TriviaFacade} facade
 * @param {import('../types.js').Kind} kind
 * @param {import('../types.js').Place} place
 */
export function createRoom(facade, kind, place) {
  const snapshot = signal(facade.snapshot)
  const connection = signal(facade.connection)
  const notices = createNotices()
  facade.subscribe((next) => {
    snapshot.value = next
    if (!next.context.paused) notices.withdraw(t('pausedAnswer'))
  })
  facade.onConnection((state) => {
    connection.value = state
  })

  /** @param {TriviaEvent} event @returns {Promise<boolean>} whether the room has accepted it */
  const send = async (event) => {
    try {
      const receipt = await facade.send(event)
      if (receipt.code === undefined) return true
      if (isWorthTelling(event, receipt.code)) notices.tell(refusal(receipt))
    } catch {
      if (facade.connection !== 'closed') notices.tell(t('busy'))
    }
    return false
  }

  return {
    kind,
    place,
    snapshot,
    connection,
    notices,
    send,
    answer: createAnswer(send, () => !snapshot.value.context.paused),
    now: () => facade.serverNow(),
    /** This member's public id. */
    get member() {
      return facade.member
    },
  }
}

/** @typedef {ReturnType<typeof createRoom>} Room */

/**
 * A "next" that comes after the room has gone on by itself has got what it wanted.
 * @param {TriviaEvent} event
 * @param {string} code
 */
function isWorthTelling(event, code) {
  const passed = code === 'too_late' || code === 'not_handled'
  return !(passed && (event.type === 'skip' || event.type === 'start' || event.type === 'ready'))
}

/** @param {import('@machine-party/client').Receipt} receipt */
function refusal(receipt) {
  return t(refusalKey(receipt.code), { reason: receipt.reason ?? receipt.code ?? '' })
}
