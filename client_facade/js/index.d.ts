/**
 * The façade of a room's machine, for browsers and Node.
 *
 * These types are the package's contract; `index.js` and `src/` fulfil it.
 */

// ------------------------------------------------------------------------------ a party's types

/** A value that JSON can write. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** The active states, nested as XState nests them: `"lobby"`, `{ question: "open" }`. */
export type StateValue = string | { readonly [state: string]: StateValue }

/** An event: a type, and fields. */
export interface EventObject {
  readonly type: string
}

/**
 * What the types of one party say, as `machine-party types PARTY` writes them. All of it is for
 * the type checker only; without it, everything is allowed.
 */
export interface Party {
  /** The state values that the machine can have. */
  value: StateValue
  /** The tags that a state may have. */
  tags: string
  /** What the party's views show. */
  context: object
  /** The events that a client may send. */
  events: EventObject
  /** The events that the machine may emit. */
  emits: EventObject
  /** The child machines that may be shown, by id. */
  children: { readonly [id: string]: Party }
  /** What the machine returns when it is done. */
  output: unknown
}

/** A party of which nothing is known. */
export interface AnyParty extends Party {
  value: StateValue
  tags: string
  // biome-ignore lint/suspicious/noExplicitAny: a page in plain JavaScript has no types
  context: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  events: EventObject & { readonly [field: string]: any }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  emits: EventObject & { readonly [field: string]: any }
  children: { readonly [id: string]: AnyParty }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  output: any
}

/**
 * What `matches` takes for a machine whose value is `V`: a state, or a whole value, or a part of
 * it (`"question"`, `"question.open"`, `{ question: "open" }`).
 */
export type StatePattern<V extends StateValue> = string extends V
  ? StateValue
  : V extends string
    ? V
    : V extends { readonly [state: string]: StateValue }
      ?
          | StatePath<V>
          | { readonly [K in keyof V]?: V[K] extends StateValue ? StatePattern<V[K]> : never }
      : never

type StatePath<V> = V extends string
  ? V
  : { [K in keyof V & string]: K | `${K}.${StatePath<V[K]>}` }[keyof V & string]

// ----------------------------------------------------------------------------------- snapshots

/** The document as it travels; every field may be absent. */
export interface Document {
  readonly value?: StateValue
  readonly tags?: readonly string[]
  readonly status?: string
  readonly can?: { readonly [type: string]: true }
  readonly context?: object
  readonly children?: { readonly [id: string]: Document }
  readonly output?: unknown
  readonly error?: unknown
  readonly live?: unknown
}

/** What everything shows that looks like the machine. */
export interface MachineView<P extends Party = AnyParty> {
  /** The active states. `{}` before the first snapshot. */
  readonly value: P['value']
  /** What the party's views show of the machine's context. `{}` before the first snapshot. */
  readonly context: P['context']
  /** The tags of the active states. */
  readonly tags: ReadonlySet<P['tags']>
  /** `stopped` before the first snapshot. */
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  /** The code of the machine's error, if it ended with one. */
  readonly error: string | undefined
  /** What the machine has returned, once it is done. */
  readonly output: P['output'] | undefined
  /** The visible child machines, by id. */
  readonly children: { readonly [K in keyof P['children']]?: Snapshot<P['children'][K]> }
  /** Whether the machine is in the state that `pattern` describes, as XState's `matches`. */
  matches(pattern: StatePattern<P['value']>): boolean
  /** Whether an active state has `tag`. */
  hasTag(tag: P['tags']): boolean
  /** Whether an event of this type may be sent now, as far as the server can tell. */
  can(event: P['events']['type'] | EventObject): boolean
}

/**
 * One state of a machine, as it is shown to this member. It is frozen, deeply; a part that did
 * not change from one snapshot to the next is the same object.
 */
export interface Snapshot<P extends Party = AnyParty> extends MachineView<P> {
  /** Of a child machine: its id. Of a room: undefined. */
  readonly id: string | undefined
  /** The document that this is made of. */
  readonly document: Document
  toJSON(): Document
}

// ----------------------------------------------------------------- a façade over any snapshot

/** Where an event for a child machine goes: its id, the child, or what picks it. */
export type ChildTarget<P extends Party = AnyParty> =
  | (keyof P['children'] & string)
  | { readonly id: string | undefined }
  | ChildPicker<P>

/** Written as a method's type, so that a façade of a known party is one of an unknown, too. */
export type ChildPicker<P extends Party = AnyParty> = {
  pick(snapshot: Snapshot<P>): { readonly id: string | undefined } | string | undefined
}['pick']

/** How a façade without a connection sends. */
export interface ActorFacadeClient<R> {
  /** Who sends; anything that tells the connection apart. */
  readonly id?: string
  /** Called with each event; what it returns, `send` returns. */
  send(event: EventObject & { readonly [field: string]: unknown }): R
}

/** A façade over one snapshot and a way to send. */
export interface ActorFacade<P extends Party = AnyParty, R = void> extends MachineView<P> {
  readonly _userId: string | undefined
  readonly snapshot: Snapshot<P>
  getSnapshot(): Snapshot<P>
  send(event: P['events']): R
  /**
   * Sends `{ type: "party.sendTo", actorId, event }`. Throws a `TypeError` if `target` picks none;
   * whether there is a child with an id, the server knows.
   */
  sendTo(target: ChildTarget<P>, event: P['children'][keyof P['children']]['events']): R
}

/**
 * A façade over any snapshot, without a connection: a page that polls, a test, a saved document.
 *
 * @param snapshot a snapshot, or a document: the `snapshot` of `GET /parties/{party}/{room}`
 * @param client how to send
 */
export function createActorFacade<P extends Party = AnyParty, R = void>(
  snapshot: Snapshot<P> | Document,
  client: ActorFacadeClient<R>,
): ActorFacade<P, R>

// ------------------------------------------------------------------------------ the live façade

/** The server's answer to one sent event. A rejected one is a value, not an exception. */
export interface Receipt {
  readonly id: string
  readonly status: 'accepted' | 'rejected' | 'duplicate'
  /** The room's version that the event made, or that it was judged upon. */
  readonly version: number
  /** What the machine replied. */
  readonly result?: unknown
  /** Why it was rejected, for a program. */
  readonly code?: string
  /** Why it was rejected, for a person. */
  readonly reason?: string
}

/** A message that did not fit the mirror. Unless it was stale, a snapshot has been asked for. */
export interface Conflict {
  readonly reason: 'stale-message' | 'missing-snapshot' | 'version-gap' | 'patch-apply-failed'
  readonly current: number | null
  readonly next: number
}

/** One piece of a stream. */
export interface Chunk {
  readonly stream: string
  readonly index: number
  readonly data: unknown
}

/** An error of the server that no receipt tells. */
export interface ServerError {
  readonly code: string
  readonly reason: string
  readonly temporary: boolean
  /** Seconds. */
  readonly retry_after?: number
}

export interface Subscription {
  unsubscribe(): void
}

export interface Observer<T> {
  next?(value: T): void
  /** Called once, when the façade has ended for good and not by `dispose()`. */
  error?(error: unknown): void
  /** Called once, after `dispose()`. */
  complete?(): void
}

/**
 * Where the connection stands. `connecting`: no snapshot yet. `connected`. `reconnecting`: lost,
 * it comes back by itself. `closed`: over; `facade.closed` says why.
 */
export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'closed'

/** What a listener for emits of type `T` gets: any, if nothing is known of them. */
export type Emitted<E extends EventObject, T> = T extends '*'
  ? E
  : string extends E['type']
    ? E
    : Extract<E, { type: T }>

export interface WatchOptions<T> {
  /** Whether two selected values count as the same. Default: `Object.is`. */
  readonly equals?: (a: T, b: T) => boolean
  /** Call at once, too (or with the first snapshot, if none is here yet). */
  readonly immediate?: boolean
}

/** One member's live view of a room's machine, and the way to send it events. */
export interface Facade<P extends Party = AnyParty> extends MachineView<P> {
  // the connection
  /** Resolves to this façade once the first snapshot is here; rejects with `Closed`. */
  readonly ready: Promise<Facade<P>>
  readonly connection: ConnectionState
  /** Why the façade is over, or undefined. */
  readonly closed: Closed | undefined
  /** This member's public id in the room; undefined before the first welcome. */
  readonly member: string | undefined
  /** The credential to come back with: the given one, or the server's. Keep it secret. */
  readonly token: string | undefined
  /** The sends that have no receipt yet. */
  readonly unanswered: number
  /**
   * The server's clock, epoch milliseconds; deadlines in a context are of that clock. Before the
   * first welcome: this computer's.
   */
  serverNow(): number
  /** Ends the connection for good; what still waits for something gets `Closed`. */
  dispose(): void

  // what it shows
  readonly snapshot: Snapshot<P>
  getSnapshot(): Snapshot<P>
  /**
   * Called after each commit that changed what this member sees. As XState's actors do, it takes
   * an observer, or up to three functions.
   */
  subscribe(
    next?: ((snapshot: Snapshot<P>) => void) | Observer<Snapshot<P>>,
    error?: (error: unknown) => void,
    complete?: () => void,
  ): Subscription
  /** What `selector` returns for the latest snapshot. */
  select<T>(selector: (snapshot: Snapshot<P>) => T): T
  /** Called after each commit that changed what `selector` returns. */
  watch<T>(
    selector: (snapshot: Snapshot<P>) => T,
    listener: (selected: T, previous: T | undefined) => void,
    options?: WatchOptions<T>,
  ): Subscription
  /**
   * The first snapshot, the present one included, for which `predicate` holds. Rejects with
   * `Closed`, with a `TimeoutError` after `timeout` milliseconds, or with `signal`'s reason.
   */
  waitFor(
    predicate: (snapshot: Snapshot<P>) => boolean,
    options?: { readonly timeout?: number; readonly signal?: AbortSignal },
  ): Promise<Snapshot<P>>

  // events
  /**
   * Sends an event. The promise is the receipt; when it is there, the snapshot shows what the
   * event did. Without a connection the event waits for the next one, and while the server cannot
   * store it, until it can; sent again, it still counts once. Rejects with `Closed` or
   * `QueueFull`, or with a `TypeError` if the event is not JSON, or larger than a message may be.
   */
  send(event: P['events']): Promise<Receipt>
  sendTo(
    target: ChildTarget<P>,
    event: P['children'][keyof P['children']]['events'],
  ): Promise<Receipt>
  /** Called with each emit of this type for this member; `"*"`: of any. */
  on<T extends P['emits']['type'] | '*'>(
    type: T,
    listener: (event: Emitted<P['emits'], T>) => void,
  ): Subscription
  onChunk(listener: (chunk: Chunk) => void): Subscription
  onConflict(listener: (conflict: Conflict) => void): Subscription
  onError(listener: (error: ServerError) => void): Subscription
  onConnection(listener: (state: ConnectionState) => void): Subscription
}

export interface ConnectOptions {
  /** The credential of a member; never put it into the URL. */
  readonly token?: string | undefined
  /** How the member is called. */
  readonly name?: string | undefined
  /** Which of the party's open roles to ask for; the party's first by default. */
  readonly role?: string | undefined
  /** Facts about the connection, for the party's hooks. */
  readonly meta?: { readonly [key: string]: Json } | undefined
  /** Which parts of the document are wanted; all by default. */
  readonly sections?: readonly string[] | undefined
  /** `snapshot` for whole documents instead of patches. */
  readonly mode?: 'patch' | 'snapshot' | undefined
  /** What travels; both mean the same. Default: `msgpack`. */
  readonly codec?: 'msgpack' | 'json' | undefined
  /** What to show before the first snapshot is here, such as a saved document. */
  readonly initial?: Document | undefined
  /** The WebSocket class, where there is no global one (Node 20: that of the package `ws`). */
  readonly WebSocket?: unknown
}

/**
 * A façade of the room at `url`, which connects in the background and stays connected.
 *
 * @param url `/parties/{party}/{room}` on this page's host, or a whole ws, wss, http or https URL
 */
export function connect<P extends Party = AnyParty>(
  url: string | URL,
  options?: ConnectOptions,
): Facade<P>

/** Whether the state `value` is in the state that `pattern` describes: XState's `matchesState`. */
export function matches(pattern: StateValue, value: StateValue): boolean

// ---------------------------------------------------------------------------------- what throws

/** The façade is over and will not come back by itself. */
export class Closed extends Error {
  constructor(closeCode: number, reason: string, code?: string)
  /** The code of the `party.error` that announced it, or `closed`. */
  readonly code: string
  /** The WebSocket close code; 1000 after `dispose()`. */
  readonly closeCode: number
  readonly reason: string
}

/** Too many sends wait for their receipts. */
export class QueueFull extends Error {
  constructor(limit: number)
  readonly limit: number
}
