// @ts-check
/** Where this page is and as what: from what the server wrote into the page, and the fragment. */

/** @typedef {import('../types.js').Place} Place */
/** @typedef {import('../types.js').Kind} Kind */

/**
 * @param {{ readonly [name: string]: string | undefined }} data the body's data attributes
 * @returns {Place}
 */
export function placeOf(data) {
  return {
    root: data.root ?? '',
    party: data.party ?? 'trivia',
    room: data.room,
    address: data.url ?? '',
  }
}

/**
 * As what to come in.
 * @param {string} hash the address's fragment
 * @param {boolean} isHost whether this browser made the room
 * @returns {Kind}
 */
export function kindOf(hash, isHost) {
  if (hash === '#screen') return 'screen'
  if (hash === '#watch') return 'spectator'
  return isHost ? 'host' : 'player'
}

/** @param {Place} place */
export function partyPath(place) {
  return `${place.root}/parties/${place.party}`
}

/** @param {Place} place */
export function roomPath(place) {
  return `${partyPath(place)}/${place.room}`
}

/**
 * An address as people read and type it.
 * @param {string} address
 */
export function spoken(address) {
  return address.replace(/^https?:\/\//, '').replace(/\/$/, '')
}
