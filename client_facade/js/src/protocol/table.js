// biome-ignore-all format: generated
// @ts-check
/**
 * The tables of the protocol, generated from `machine_party/protocol` by `python -m docs.generate`.
 *
 * Do not edit: change the Python tables, and generate anew. `docs/protocol.md` explains them.
 */

/** @typedef {{ name: string, holds: string, optional?: true }} Field */
/** @typedef {{ kind: number, type: string, fields: readonly Field[] }} MessageShape */

/** The WebSocket subprotocol of each codec. */
export const SUBPROTOCOLS = { json: 'machine-party.v1+json', msgpack: 'machine-party.v1+msgpack' }

/**
 * What a client may send, bare events aside.
 *
 * @type {readonly MessageShape[]}
 */
export const CLIENT_MESSAGES = [
  {
    kind: 1,
    type: 'party.hello',
    fields: [
      { name: 'resume', holds: 'resume', optional: true },
      { name: 'token', holds: 'string', optional: true },
      { name: 'name', holds: 'string', optional: true },
      { name: 'meta', holds: 'object', optional: true },
      { name: 'sections', holds: 'list of strings', optional: true },
      { name: 'mode', holds: 'mode', optional: true },
    ],
  },
  {
    kind: 2,
    type: 'party.send',
    fields: [{ name: 'id', holds: 'id' }, { name: 'event', holds: 'event' }],
  },
  {
    kind: 3,
    type: 'party.sendTo',
    fields: [
      { name: 'actorId', holds: 'string' },
      { name: 'event', holds: 'event' },
      { name: 'id', holds: 'id', optional: true },
    ],
  },
  { kind: 4, type: 'party.snapshot.get', fields: [] },
  { kind: 5, type: 'party.ping', fields: [] },
]

/**
 * What a server may send.
 *
 * @type {readonly MessageShape[]}
 */
export const SERVER_MESSAGES = [
  {
    kind: 16,
    type: 'party.welcome',
    fields: [
      { name: 'protocol', holds: 'integer' },
      { name: 'member', holds: 'string' },
      { name: 'audience', holds: 'string' },
      { name: 'epoch', holds: 'integer' },
      { name: 'now', holds: 'integer' },
      { name: 'resumed', holds: 'boolean' },
      { name: 'until', holds: 'position', optional: true },
      { name: 'token', holds: 'string', optional: true },
    ],
  },
  {
    kind: 17,
    type: 'party.snapshot.update',
    fields: [
      { name: 'snapshot', holds: 'object' },
      { name: 'epoch', holds: 'integer' },
      { name: 'version', holds: 'integer' },
      { name: 'audience', holds: 'string' },
      { name: 'shared', holds: 'integer' },
      { name: 'own', holds: 'integer' },
      { name: 'live', holds: 'integer', optional: true },
    ],
  },
  {
    kind: 18,
    type: 'party.snapshot.patch',
    fields: [
      { name: 'operations', holds: 'operations' },
      { name: 'layer', holds: 'layer' },
      { name: 'seq', holds: 'integer' },
      { name: 'version', holds: 'integer' },
      { name: 'more', holds: 'boolean', optional: true },
    ],
  },
  {
    kind: 19,
    type: 'party.receipt',
    fields: [
      { name: 'id', holds: 'id' },
      { name: 'status', holds: 'status' },
      { name: 'version', holds: 'integer' },
      { name: 'result', holds: 'any JSON value', optional: true },
      { name: 'code', holds: 'string', optional: true },
      { name: 'reason', holds: 'string', optional: true },
    ],
  },
  { kind: 20, type: 'party.emit', fields: [{ name: 'event', holds: 'event' }] },
  {
    kind: 21,
    type: 'party.chunk',
    fields: [
      { name: 'stream', holds: 'string' },
      { name: 'index', holds: 'integer' },
      { name: 'data', holds: 'any JSON value' },
    ],
  },
  {
    kind: 22,
    type: 'party.error',
    fields: [
      { name: 'code', holds: 'string' },
      { name: 'reason', holds: 'string' },
      { name: 'temporary', holds: 'boolean' },
      { name: 'retry_after', holds: 'number', optional: true },
    ],
  },
  { kind: 23, type: 'party.pong', fields: [{ name: 'now', holds: 'integer' }] },
]

/**
 * What is a row of fields within a field.
 *
 * @type {Record<string, readonly Field[]>}
 */
export const STRUCTURES = {
  resume: [
    { name: 'epoch', holds: 'integer' },
    { name: 'audience', holds: 'string' },
    { name: 'member', holds: 'string' },
    { name: 'shared', holds: 'integer' },
    { name: 'own', holds: 'integer' },
  ],
  position: [{ name: 'shared', holds: 'integer' }, { name: 'own', holds: 'integer' }],
}

/**
 * Words by their number.
 *
 * @type {Record<string, readonly string[]>}
 */
export const WORDS = {
  layer: ['shared', 'own', 'live'],
  mode: ['patch', 'snapshot'],
  status: ['accepted', 'rejected', 'duplicate'],
}

/**
 * RFC 6902's operations by their number.
 *
 * @type {readonly { op: string, third?: 'value' | 'from' }[]}
 */
export const OPERATIONS = [
  { op: 'add', third: 'value' },
  { op: 'remove' },
  { op: 'replace', third: 'value' },
  { op: 'move', third: 'from' },
  { op: 'copy', third: 'from' },
  { op: 'test', third: 'value' },
]

/**
 * Keys that reach a prototype.
 *
 * @type {readonly string[]}
 */
export const POISON_KEYS = ['__proto__', 'constructor', 'prototype']

/**
 * After which close codes; after any other: now.
 *
 * @type {readonly { first: number, last: number, reconnect: 'never' | 'later' | 'now' }[]}
 */
export const RECONNECT = [
  { first: 1000, last: 1000, reconnect: 'never' },
  { first: 1007, last: 1007, reconnect: 'never' },
  { first: 1009, last: 1009, reconnect: 'never' },
  { first: 1011, last: 1011, reconnect: 'later' },
  { first: 1013, last: 1013, reconnect: 'later' },
  { first: 4000, last: 4099, reconnect: 'never' },
  { first: 4100, last: 4199, reconnect: 'later' },
]

/** The limits that a client keeps to. */
export const LIMITS = {
  messageBytes: 16384,
  depth: 16,
  nodes: 2000,
  sendsInFlight: 64,
  unansweredSends: 256,
  reconnectBaseSeconds: 0.5,
  reconnectCapSeconds: 10.0,
}
