// @ts-check
/** The way into a room: with a kept seat at once, else with a name; and out again. */

import { signal } from '@preact/signals'
import { BROKEN, endingOf } from '../logic/ending.js'
import { roomPath } from './place.js'
import { createRoom } from './room.js'

/** @typedef {import('../types.js').Seat} Seat */
/** @typedef {import('../types.js').TriviaFacade} TriviaFacade */

/**
 * @typedef {{ at: 'name', problem?: string }
 *   | { at: 'joining', named: boolean }
 *   | { at: 'room', room: import('./room.js').Room }
 *   | { at: 'ended', ending: import('../logic/ending.js').Ending, reason: string }} Stage
 */

/**
 * @param {object} parts
 * @param {import('../types.js').Place} parts.place
 * @param {import('../types.js').Kind} parts.kind
 * @param {import('./seat.js').Seats} parts.seats
 * @param {(url: string, options: import('@machine-party/client').ConnectOptions) => TriviaFacade} parts.connect
 */
export function createEntry({ place, kind, seats, connect }) {
  const path = roomPath(place)
  /** @type {import('@preact/signals').Signal<Stage>} */
  const stage = signal(/** @type {Stage} */ ({ at: 'name' }))

  /** @param {string | undefined} name */
  const enter = (name) => {
    const seat = seats.seat(path, kind)
    stage.value = { at: 'joining', named: name !== undefined && !seat }
    const called = name ?? seat?.name
    const facade = connect(path, { token: seat?.token, name: called, role: kind })
    const room = createRoom(facade, kind, place)
    const keep = () => {
      if (facade.token) seats.keep(path, kind, { token: facade.token, name: called })
    }
    const over = () => {
      if (facade.closed) stage.value = stageOf(facade.closed, room, !seat && kind === 'player')
    }
    facade.onConnection((state) => {
      if (state === 'connected') keep()
      if (state === 'closed') over()
    })
    facade.ready.then(() => {
      keep()
      stage.value = { at: 'room', room }
    }, over)
  }

  const start = () => {
    if (kind === 'player' && !seats.seat(path, kind)) stage.value = { at: 'name' }
    else enter(undefined)
  }

  return {
    stage,
    start,
    /** @param {string} name */
    join(name) {
      seats.keepName(name)
      enter(name)
    },
    /** Gives up the seat, and begins as a newcomer. */
    rejoin() {
      seats.forget(path, kind)
      start()
    },
    lastName: () => seats.name(),
  }
}

/** @typedef {ReturnType<typeof createEntry>} Entry */

/**
 * What to show when a façade is over.
 * @param {import('@machine-party/client').Closed} closed
 * @param {import('./room.js').Room} room
 * @param {boolean} isNewcomer whose name may be at fault
 * @returns {Stage}
 */
function stageOf(closed, room, isNewcomer) {
  if (isNewcomer && closed.code === 'bad_request') return { at: 'name', problem: closed.reason }
  // A finished game stays on the screen, whatever becomes of its room.
  if (room.snapshot.value.matches('ranking')) return { at: 'room', room }
  const failed = room.snapshot.value.status === 'error'
  return { at: 'ended', ending: failed ? BROKEN : endingOf(closed), reason: closed.reason }
}
