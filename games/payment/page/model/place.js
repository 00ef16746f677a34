// @ts-check
/** Where this page is and as what: from what the server wrote into the page, and the address. */

/** @typedef {import('../types.js').Place} Place */
/** @typedef {import('../types.js').View} View */

/**
 * @param {{ readonly [name: string]: string | undefined }} data the body's data attributes
 * @returns {Place}
 */
export function placeOf(data) {
  return {
    root: data.root ?? '',
    party: data.party ?? 'payment',
    room: data.room,
    address: data.url ?? '',
  }
}

/**
 * As what to come in: `#user` is one more user, whatever this browser is.
 * @param {string} hash the address's fragment
 * @param {boolean} isAdmin whether this browser made the payment
 * @returns {import('../types.js').Kind}
 */
export function kindOf(hash, isAdmin) {
  return isAdmin && hash !== '#user' ? 'admin' : 'user'
}

/**
 * @param {string} search the address's query
 * @returns {View}
 */
export function viewOf(search) {
  const view = new URLSearchParams(search).get('view')
  return view === 'poll' || view === 'both' ? view : 'live'
}

/** @param {Place} place */
export function partyPath(place) {
  return `${place.root}/parties/${place.party}`
}

/** @param {Place} place */
export function roomPath(place) {
  return `${partyPath(place)}/${place.room}`
}
