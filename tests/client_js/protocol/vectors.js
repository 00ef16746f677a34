/** The recorded vectors, as every client in any language replays them. */

import { readFileSync } from 'node:fs'

const FILE = new URL('../../../docs/vectors.json', import.meta.url)

/** @typedef {{ json?: string, msgpack?: string }} Form a message in one form */

/**
 * @typedef {object} Vectors
 * @property {{ from: 'server' | 'client', json: string, msgpack: string }[]} messages
 * @property {(Form & { means: any })[]} tolerated
 * @property {(Form & { path: string })[]} malformed
 * @property {{ document: any, operations: any[], result?: any, fails_at?: number }[]} patches
 * @property {{ pattern: any, value: any, matches: boolean }[]} states
 * @property {Record<string, { step: any, sends: any[], notices: any[], document: any }[]>} sessions
 */

/** @type {Vectors} */
export const VECTORS = JSON.parse(readFileSync(FILE, 'utf8'))

/** @type {(hex: string) => Uint8Array} */
export function bytesOf(hex) {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}
