// @ts-check
/**
 * The credential of each seat, kept between visits; it never goes into an address or the page.
 * A browser that may keep nothing has it until the page is closed.
 */

/** @typedef {import('../types.js').Kind} Kind */

/** @param {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined} storage */
export function createSeats(storage) {
  /** @type {Map<string, string>} */
  const memory = new Map()
  return {
    /** @param {string} room its path @param {Kind} kind @returns {string | undefined} */
    token(room, kind) {
      const key = keyOf(room, kind)
      return memory.get(key) ?? attempt(() => storage?.getItem(key)) ?? undefined
    },
    /** @param {string} room @param {Kind} kind @param {string} token */
    keep(room, kind, token) {
      memory.set(keyOf(room, kind), token)
      attempt(() => storage?.setItem(keyOf(room, kind), token))
    },
    /** @param {string} room @param {Kind} kind */
    forget(room, kind) {
      memory.delete(keyOf(room, kind))
      attempt(() => storage?.removeItem(keyOf(room, kind)))
    },
  }
}

/** @typedef {ReturnType<typeof createSeats>} Seats */

/** This browser's storage; undefined where it is forbidden. */
export function browserStorage() {
  return attempt(() => globalThis.localStorage)
}

/** @type {(room: string, kind: Kind) => string} */
function keyOf(room, kind) {
  return `machine-party:seat:${room}:${kind}`
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
