// @ts-check
/**
 * Events on their way out.
 *
 * What must not be here: whether the machine takes them; that is the server's to say.
 */
import { copyJson, countValues, describe } from './json.js'
import { LIMITS } from './protocol/table.js'

/** How many values an event may have: the message, its type and its two ids are four more. */
const VALUES = LIMITS.nodes - 4

/**
 * A copy of `event`, of which nobody else holds a part: it may be sent again.
 *
 * @param {unknown} event
 * @returns {{ type: string } & Record<string, unknown>}
 * @throws {TypeError} if it is not an event, not JSON, or too much; it names the path
 */
export function copyEvent(event) {
  const type = /** @type {{ type?: unknown } | null | undefined} */ (event)?.type
  if (typeof event !== 'object' || typeof type !== 'string') {
    throw new TypeError(`an event has a type: { type: 'increment' }, not ${describe(event)}`)
  }
  const copied = copyJson(event, 'event')
  const values = countValues(copied)
  if (values > VALUES) throw new TypeError(`event has ${values} values; at most ${VALUES}`)
  return /** @type {any} */ (copied)
}
