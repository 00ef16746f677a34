// @ts-check
/** Making a payment, and taking a seat in one. */

import { ask } from './http.js'
import { partyPath, roomPath } from './place.js'

/** @typedef {import('../types.js').Place} Place */
/** @typedef {{ room: string, token: string, url: string }} Made  url: as others can open it */

/**
 * @param {Place} place
 * @param {object} input the party's input
 * @param {typeof fetch} [request]
 * @returns {Promise<Made>}
 */
export async function makePayment(place, input, request = fetch) {
  const response = await ask(request, partyPath(place), { body: { input } })
  return response.json()
}

/**
 * The credential of a new user's seat.
 * @param {Place} place
 * @param {typeof fetch} [request]
 * @returns {Promise<string>}
 */
export async function takeSeat(place, request = fetch) {
  const response = await ask(request, `${roomPath(place)}/members`, { body: {} })
  return (await response.json()).token
}
