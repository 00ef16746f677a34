/**
 * The messages of protocol v1 as they are in JavaScript: the named form, a plain object.
 *
 * Types only. Which field has which place on the wire is said in `table.js`, which is generated.
 */

import type { StateValue } from '../../index.d.ts'

export type { StateValue }

/** A JSON object: what a member sees. Never changed in place. */
export interface Document {
  readonly [key: string]: unknown
}

export interface Event {
  readonly type: string
  readonly [field: string]: unknown
}

/** One operation of RFC 6902. */
export interface Operation {
  readonly op: string
  readonly path: string
  readonly value?: unknown
  readonly from?: string
}

export type LayerName = 'shared' | 'own' | 'live'
export type Mode = 'patch' | 'snapshot'

/** How far a member's two layers are: the last `seq` of each. */
export interface Position {
  readonly shared: number
  readonly own: number
}

/** Where a client's mirror stands. Its seqs mean something only under the same first three. */
export interface Resume extends Position {
  readonly epoch: number
  readonly audience: string
  readonly member: string
}

export interface Hello {
  readonly type: 'party.hello'
  readonly resume?: Resume
  readonly token?: string
  readonly name?: string
  readonly meta?: { readonly [key: string]: unknown }
  readonly sections?: readonly string[]
  readonly mode?: Mode
}

export interface Send {
  readonly type: 'party.send'
  readonly id: string
  readonly event: Event
}

export interface SendTo {
  readonly type: 'party.sendTo'
  readonly actorId: string
  readonly event: Event
  readonly id?: string
}

export interface SnapshotGet {
  readonly type: 'party.snapshot.get'
}

export interface Ping {
  readonly type: 'party.ping'
}

export interface Welcome {
  readonly type: 'party.welcome'
  readonly protocol: number
  readonly member: string
  readonly audience: string
  readonly epoch: number
  /** The server's clock, epoch milliseconds. */
  readonly now: number
  readonly resumed: boolean
  readonly until?: Position
  readonly token?: string
}

export interface SnapshotUpdate {
  readonly type: 'party.snapshot.update'
  readonly snapshot: Document
  readonly epoch: number
  readonly version: number
  readonly audience: string
  readonly shared: number
  readonly own: number
  readonly live?: number
}

export interface SnapshotPatch {
  readonly type: 'party.snapshot.patch'
  readonly operations: readonly Operation[]
  readonly layer: LayerName
  readonly seq: number
  readonly version: number
  readonly more?: boolean
}

export interface Receipt {
  readonly type: 'party.receipt'
  readonly id: string
  readonly status: 'accepted' | 'rejected' | 'duplicate'
  readonly version: number
  readonly result?: unknown
  readonly code?: string
  readonly reason?: string
}

export interface Emit {
  readonly type: 'party.emit'
  readonly event: Event
}

export interface Chunk {
  readonly type: 'party.chunk'
  readonly stream: string
  readonly index: number
  readonly data: unknown
}

export interface ServerError {
  readonly type: 'party.error'
  readonly code: string
  readonly reason: string
  readonly temporary: boolean
  /** Seconds. */
  readonly retry_after?: number
}

export interface Pong {
  readonly type: 'party.pong'
  /** The server's clock, epoch milliseconds. */
  readonly now: number
}

export type ClientMessage = Hello | Send | SendTo | SnapshotGet | Ping
export type ServerMessage =
  | Welcome
  | SnapshotUpdate
  | SnapshotPatch
  | Receipt
  | Emit
  | Chunk
  | ServerError
  | Pong
export type Message = ClientMessage | ServerMessage
