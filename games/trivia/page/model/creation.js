// @ts-check
/** Making a room over HTTP. */

import { t } from '../strings.js'
import { partyPath } from './place.js'

/**
 * @typedef {{ room: string, token: string, url: string }} Made  url: as others can open it
 * @typedef {Made | { problem: string }} Creation
 */

/**
 * @param {import('../types.js').Place} place
 * @param {object} input the party's input
 * @param {typeof fetch} [request]
 * @returns {Promise<Creation>}
 */
export async function makeRoom(place, input, request = fetch) {
  try {
    const response = await request(partyPath(place), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ input }),
    })
    const answer = await response.json()
    return response.ok
      ? { room: answer.room, token: answer.token, url: answer.url }
      : { problem: told(answer.error) }
  } catch {
    return { problem: t('makeOffline') }
  }
}

/** @param {{ reason?: string, retry_after?: number } | undefined} error */
function told(error) {
  const reason = t('makeFailed', { reason: error?.reason ?? '' })
  if (error?.retry_after === undefined) return reason
  return `${reason} ${t('makeLater', { n: Math.ceil(error.retry_after) })}`
}
