// @ts-check
/**
 * The two codecs: messages to text or bytes and back, from the one table in `table.js`.
 *
 * `machine-party.v1+json` writes objects with names, `machine-party.v1+msgpack` arrays by
 * position. Nothing here knows what a message does.
 */

import { Decoder, Encoder } from '../../vendor/msgpack.js'
import { MalformedMessage } from './error.js'
import { isObject, own, packFields, readFields, unpackFields, writeFields } from './field.js'
import { CLIENT_MESSAGES, POISON_KEYS, SERVER_MESSAGES, SUBPROTOCOLS } from './table.js'

/** @typedef {import('./message.d.ts').Message} Message */
/** @typedef {import('./message.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./table.js').MessageShape} MessageShape */
/** @typedef {string | ArrayBuffer | Uint8Array} Data */

/**
 * One form of the messages on the wire. Immutable; share one instance.
 *
 * `encode` gives one WebSocket message: text for JSON, bytes for MessagePack. `decode` takes what
 * a server sent; it throws `MalformedMessage` and nothing else. The server is trusted not to send
 * bombs: only the form is checked, and that no key reaches a prototype.
 *
 * @typedef {{
 *   readonly subprotocol: string,
 *   encode(message: Message): string | Uint8Array<ArrayBuffer>,
 *   decode(data: Data): ServerMessage,
 * }} Codec
 */

const SHAPES = new Map([...CLIENT_MESSAGES, ...SERVER_MESSAGES].map((shape) => [shape.type, shape]))
const BY_TYPE = new Map(SERVER_MESSAGES.map((shape) => [shape.type, shape]))
const BY_KIND = new Map(SERVER_MESSAGES.map((shape) => [shape.kind, shape]))

/**
 * Objects with names; `type` comes first, no spaces, absent fields left out.
 *
 * @type {Codec}
 */
export const JSON_CODEC = Object.freeze({
  subprotocol: SUBPROTOCOLS.json,
  encode: (/** @type {Message} */ message) => {
    const { type, fields } = shapeOf(message)
    return JSON.stringify({ type, ...writeFields(fields, message) })
  },
  decode: (/** @type {Data} */ data) => {
    const value = parseJson(textOf(data))
    if (!isObject(value)) throw new MalformedMessage('expected an object with a string `type`')
    const { type, fields } = found(BY_TYPE.get(own(value, 'type')), '$.type')
    return /** @type {ServerMessage} */ (readFields(fields, value, '$', { type }))
  },
})

/**
 * Arrays by position: `[kind, ...fields]`, trailing absent fields cut.
 *
 * @type {Codec}
 */
export const MSGPACK_CODEC = Object.freeze({
  subprotocol: SUBPROTOCOLS.msgpack,
  encode: (/** @type {Message} */ message) => {
    const { kind, fields } = shapeOf(message)
    return ENCODER.encode([kind, ...packFields(fields, message)])
  },
  decode: (/** @type {Data} */ data) => {
    const value = parseMsgpack(data)
    if (!Array.isArray(value) || value.length === 0) {
      throw new MalformedMessage('expected an array: [kind, ...]')
    }
    const { type, fields } = found(BY_KIND.get(value[0]), '$[0]')
    return /** @type {ServerMessage} */ (unpackFields(fields, value, 1, '$', { type }))
  },
})

/**
 * The codec of that name.
 *
 * @param {'json' | 'msgpack'} name
 * @returns {Codec}
 */
export function codecFor(name) {
  return name === 'json' ? JSON_CODEC : MSGPACK_CODEC
}

/** @type {(message: Message) => MessageShape} */
function shapeOf(message) {
  const shape = SHAPES.get(message.type)
  if (!shape) throw new TypeError(`"${message.type}" is no message of the protocol`)
  return shape
}

/** @type {(shape: MessageShape | undefined, at: string) => MessageShape} */
function found(shape, at) {
  if (!shape) throw new MalformedMessage('no such message', at)
  return shape
}

// -- parsing -----------------------------------------------------------------------------

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Texts in which a key could be one that reaches a prototype; the others need no second look. */
const SUSPECT = new RegExp(['\\\\u', ...POISON_KEYS].join('|'))

/** @type {(data: Data) => string} */
function textOf(data) {
  if (typeof data === 'string') return data
  try {
    return UTF8.decode(data)
  } catch {
    throw new MalformedMessage('not JSON in UTF-8')
  }
}

/** @type {(text: string) => unknown} */
function parseJson(text) {
  try {
    return SUSPECT.test(text) ? JSON.parse(text, refusePoison) : JSON.parse(text)
  } catch (error) {
    throw error instanceof MalformedMessage ? error : new MalformedMessage('not JSON in UTF-8')
  }
}

/** @type {(key: string, value: unknown) => unknown} */
function refusePoison(key, value) {
  allowedKey(key)
  return value
}

const ENCODER = new Encoder({ ignoreUndefined: true })
const DECODER = new Decoder({
  maxBinLength: -1, // no binaries, not even empty ones, and so no extensions: this is JSON
  mapKeyConverter: allowedKey,
})

/** @type {(data: Data) => unknown} */
function parseMsgpack(data) {
  if (typeof data === 'string') throw new MalformedMessage('this subprotocol takes binary messages')
  try {
    return DECODER.decode(data)
  } catch (error) {
    throw error instanceof MalformedMessage ? error : new MalformedMessage('not MessagePack')
  }
}

/** @type {(key: unknown) => string} */
function allowedKey(key) {
  if (typeof key !== 'string') throw new MalformedMessage('a key that is not a string')
  if (POISON_KEYS.includes(key)) throw new MalformedMessage(`the key "${key}" is not allowed`)
  return key
}
