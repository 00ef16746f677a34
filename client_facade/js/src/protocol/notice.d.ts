/**
 * What the client's half tells the façade: the notices that `ClientSync.receive` returns.
 *
 * Types only.
 */

import type { Document, Event, Receipt, ServerError } from './message.d.ts'

/** The mirror has caught up after a connect. `resumed`: without a new snapshot. */
export interface Ready {
  readonly kind: 'ready'
  readonly member: string
  readonly resumed: boolean
}

/** The document changed: once for each commit, replay or snapshot. The first has no previous. */
export interface Changed {
  readonly kind: 'changed'
  readonly previous: Document | undefined
  readonly document: Document
}

/** A send was answered, and the mirror has caught up with what it did. */
export interface Resolved {
  readonly kind: 'resolved'
  readonly receipt: Omit<Receipt, 'type'>
}

/** The machine emitted an event for this member. */
export interface Emitted {
  readonly kind: 'emitted'
  readonly event: Event
}

/** One piece of a stream came. */
export interface Chunked {
  readonly kind: 'chunked'
  readonly stream: string
  readonly index: number
  readonly data: unknown
}

export type ConflictReason =
  | 'stale-message'
  | 'missing-snapshot'
  | 'version-gap'
  | 'patch-apply-failed'

/** A message did not fit the mirror. Unless it was stale, a snapshot has been asked for. */
export interface Conflict {
  readonly kind: 'conflict'
  readonly reason: ConflictReason
  /** Where the mirror stands: a layer's seq (an update's version); null if nowhere. */
  readonly current: number | null
  /** Where the message would have taken it. */
  readonly next: number
}

/** The server could not do something, and no receipt says so. */
export interface Failed {
  readonly kind: 'failed'
  readonly error: Omit<ServerError, 'type'>
}

export type Notice = Ready | Changed | Resolved | Emitted | Chunked | Conflict | Failed
