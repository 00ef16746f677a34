// @ts-check
/** The payment over a WebSocket: the server says when something is new. */

import { connect } from '@machine-party/client'
import { signal } from '@preact/signals'

/** @typedef {import('../types.js').Desk} Desk */
/** @typedef {import('../types.js').Payment} Payment */

/**
 * @param {string} path of the room
 * @param {string} token
 * @returns {Desk}
 */
export function openLive(path, token) {
  /** @type {import('@machine-party/client').Facade<Payment>} */
  const facade = connect(path, { token })
  /** @type {Desk['shown']} */
  const shown = signal(undefined)
  const connection = signal(facade.connection)
  const counts = signal({ asked: 0, changed: 0 })
  /** @type {Desk['ended']} */
  const ended = signal(undefined)
  facade.subscribe((snapshot) => {
    shown.value = snapshot
    counts.value = { asked: 0, changed: counts.value.changed + 1 }
  })
  facade.onConnection((state) => {
    connection.value = state
    if (state === 'closed') ended.value = facade.closed?.code
  })
  facade.ready.catch(() => {}) // told by `ended`
  return {
    shown,
    connection,
    counts,
    ended,
    now: () => facade.serverNow(),
    send: (event) => facade.send(event),
    hurry: () => {}, // at any press, wherever it is, the client tries again
    dispose: () => facade.dispose(),
  }
}
