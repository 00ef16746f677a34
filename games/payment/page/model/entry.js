// @ts-check
/** The way to a payment: with a kept seat at once, else with a new one; and what is shown of it. */

import { signal } from '@preact/signals'
import { takeSeat } from './creation.js'
import { Failure } from './http.js'
import { roomPath, viewOf } from './place.js'

/** @typedef {import('../types.js').View} View */

/**
 * @param {object} parts
 * @param {import('../types.js').Place} parts.place
 * @param {import('../types.js').Kind} parts.kind
 * @param {import('./seat.js').Seats} parts.seats
 * @param {boolean} [parts.isNew] the payment was made just now
 */
export function createEntry({ place, kind, seats, isNew = false }) {
  const path = roomPath(place)
  const token = signal(seats.token(path, kind))
  /** @type {import('@preact/signals').Signal<string | undefined>} */
  const ended = signal(undefined)
  /** @type {import('@preact/signals').Signal<View>} */
  const view = signal(viewOf(location.search))

  /** Whether nobody has confirmed yet, as far as is known. */
  const waits = signal(isNew)
  /** Where it stands, as far as is known. */
  const step = signal(/** @type {import('../strings.js').Key | undefined} */ (undefined))

  const enter = async () => {
    ended.value = undefined
    if (token.value) return
    try {
      const taken = await takeSeat(place)
      seats.keep(path, kind, taken)
      token.value = taken
    } catch (error) {
      ended.value = error instanceof Failure ? error.code : 'offline'
    }
  }
  addEventListener('popstate', () => {
    if (location.pathname === path) view.value = viewOf(location.search)
    else location.reload()
  })
  enter()

  return {
    place,
    kind,
    token,
    /** The code of what has ended it. */
    ended,
    view,
    waits,
    step,
    /** @param {View} shown @param {string} href its address */
    look(shown, href) {
      // Without loading anew: a browser that may keep nothing would have lost its seat.
      history.pushState(null, '', href)
      view.value = shown
    },
    /** Comes in again; if the seat has expired, on another one. */
    again() {
      if (isStale(ended.value)) {
        seats.forget(path, kind)
        token.value = undefined
      }
      return enter()
    },
  }
}

/** @typedef {ReturnType<typeof createEntry>} Entry */

/** @param {string | undefined} code */
export function isStale(code) {
  return code === 'bad_token' || code === 'unauthenticated'
}
