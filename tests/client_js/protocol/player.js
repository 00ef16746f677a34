/**
 * Plays sessions with our client, to compare with what the Python client does.
 *
 * `node tests/client_js/protocol/player.js` reads sessions from its standard input, each a list of
 * steps, and writes what the client did after each step.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { ClientSync } from '../../../client_facade/js/src/protocol/client-sync.js'
import { JSON_CODEC, MSGPACK_CODEC } from '../../../client_facade/js/src/protocol/codec.js'

const CLIENT_ID = '0123456789abcdef'

/**
 * A `ClientSync` that takes the steps of a session and says what it does, as `docs/vectors.py`.
 *
 * Every message passes through both codecs, so that what is compared is what travels.
 */
export class Player {
  #client = new ClientSync({ clientId: CLIENT_ID })

  /** @param {any} step */
  play(step) {
    const notices = this.#take(step).map(told)
    const sends = this.#client.messagesToSend().map((message) => {
      MSGPACK_CODEC.encode(message)
      return JSON.parse(String(JSON_CODEC.encode(message)))
    })
    return { sends, notices, document: this.#client.document ?? null }
  }

  /** @type {(step: any) => any[]} */
  #take(step) {
    if (step === 'connected') this.#client.connected()
    else if (step === 'disconnected') this.#client.disconnected()
    else if (step.send) this.#send(step)
    else return this.#client.receive(travelled(step))
    return []
  }

  /** @param {{ send: any, actorId?: string, times?: number }} step */
  #send({ send, actorId, times = 1 }) {
    for (let sent = 0; sent < times; sent += 1) this.#client.send(send, actorId)
  }
}

/** @param {any} message */
function travelled(message) {
  const named = JSON_CODEC.decode(String(JSON_CODEC.encode(message)))
  const packed = /** @type {Uint8Array} */ (MSGPACK_CODEC.encode(named))
  const unpacked = MSGPACK_CODEC.decode(packed)
  assert.deepEqual(unpacked, named)
  return unpacked
}

/**
 * A notice as it is recorded: there the documents of a change are left out, `next` is called
 * `incoming`, and what is a message has its type.
 *
 * @param {any} notice
 */
function told({ kind, previous, document, next, receipt, error, ...fields }) {
  return {
    notice: kind,
    ...fields,
    ...(next !== undefined && { incoming: next }),
    ...(receipt && { receipt: { type: 'party.receipt', ...receipt } }),
    ...(error && { error: { type: 'party.error', ...error } }),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  /** @type {any[][]} */
  const sessions = JSON.parse(readFileSync(0, 'utf8'))
  const played = sessions.map((steps) => {
    const player = new Player()
    return steps.map((step) => player.play(step))
  })
  process.stdout.write(JSON.stringify(played))
}
