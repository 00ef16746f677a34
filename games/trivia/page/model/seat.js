// @ts-check
/**
 * What this browser keeps between visits: the credential of each seat, and the last name.
 *
 * A credential is kept here and given to `connect`; it never goes into an address, into the page
 * or into a log. A browser that keeps nothing (private windows) still plays until it is closed.
 */

/** @typedef {import('../types.js').Seat} Seat */
/** @typedef {import('../types.js').Kind} Kind */

const PREFIX = 'machine-party'

/** @param {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined} storage */
export function createSeats(storage) {
  /** @type {Map<string, string>} */
  const memory = new Map()

  /** @param {string} key */
  const read = (key) => attempt(() => storage?.getItem(key)) ?? memory.get(key)
  /** @param {string} key @param {string} value */
  const write = (key, value) => {
    memory.set(key, value)
    attempt(() => storage?.setItem(key, value))
  }
  /** @param {string} key */
  const drop = (key) => {
    memory.delete(key)
    attempt(() => storage?.removeItem(key))
  }

  return {
    /** @param {string} room its path @param {Kind} kind */
    seat: (room, kind) => parsed(read(seatKey(room, kind))),
    /** @param {string} room @param {Kind} kind @param {Seat} seat */
    keep: (room, kind, seat) => write(seatKey(room, kind), JSON.stringify(seat)),
    /** @param {string} room @param {Kind} kind */
    forget: (room, kind) => drop(seatKey(room, kind)),
    name: () => read(`${PREFIX}:name`) ?? '',
    /** @param {string} name */
    keepName: (name) => write(`${PREFIX}:name`, name),
  }
}

/** @typedef {ReturnType<typeof createSeats>} Seats */

/** This browser's storage; undefined where it is forbidden. */
export function browserStorage() {
  return attempt(() => globalThis.localStorage)
}

/**
 * @param {string} room
 * @param {Kind} kind
 */
function seatKey(room, kind) {
  return `${PREFIX}:seat:${room}:${kind}`
}

/**
 * @param {string | undefined} text
 * @returns {Seat | undefined}
 */
function parsed(text) {
  const seat = attempt(() => JSON.parse(text ?? 'null'))
  if (typeof seat?.token !== 'string') return undefined
  return { token: seat.token, name: typeof seat.name === 'string' ? seat.name : undefined }
}

/**
 * @template T
 * @param {() => T} action
 * @returns {T | undefined}
 */
function attempt(action) {
  try {
    return action()
  } catch {
    return undefined
  }
}
