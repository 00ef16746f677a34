// What the party 'everything' shows and takes: connect<Everything>(url).
// Written by `machine-party types everything`; do not edit.

/** Every kind of type. */
export interface Everything {
  value: EverythingValue
  tags: 'compound' | "it's" | 'left' | 'waiting'
  context: EverythingShared & EverythingOwn
  events: HitEvent | StrangeEvent
  emits: BoomEmit
  children: { readonly [id: `player:${string}`]: PlayerChild; readonly boss: BossChild }
  output: unknown
}

export type EverythingValue =
  | 'lobby'
  | {
      readonly fight: {
        readonly left: 'up' | 'down'
        readonly right: { readonly [key in never]: never }
        readonly deep: 'shallow' | { readonly inner: 'one' | 'two' }
      }
    }
  | 'over'

export interface EverythingShared {
  readonly words: 3 | 'a' | "it's" | 'say "b"' | null
  readonly color: Color
  readonly level: Level
  readonly rights: number
  readonly point: Point
  readonly pair: Pair
  readonly tagged: Tagged
  readonly data: Data
  readonly typed: Typed
  readonly boxes: readonly BoxInt[]
  readonly box: BoxStrNone
  readonly tree: Tree
  readonly sparse: Sparse
  readonly cards: readonly [Card, Card2]
  readonly shape: Circle | number
  readonly square: Square
  readonly many: readonly number[]
  readonly matrix: readonly (readonly number[])[]
  readonly mixed: readonly (number | string)[]
  readonly by_id: { readonly [id: string]: number }
  readonly by_name: { readonly [key in 'one' | 'two']?: boolean }
  readonly when: string
  readonly long: string
  readonly exact: string
  readonly raw: string
  readonly unique: string
  readonly share: number
  readonly perhaps?: string
  readonly filled_in: number
  readonly 'not an identifier': number
  readonly default: number
}

/** Of a team. */
export type Color = 'red' | 'blue'

export type Level = 1 | 2

export type Point = readonly [x: number, y: number]

/** Fields by position. */
export type Pair = readonly [left: string, right: string]

export type Tagged = readonly [tag: 'tagged', value: number]

export interface Data {
  readonly number: number
  readonly words: readonly string[]
}

export interface Typed {
  readonly always: number
  readonly sometimes?: string
}

export interface BoxInt {
  readonly item: number
}

export interface BoxStrNone {
  readonly item: string | null
}

/** A tree. It says *\/ nothing. */
export interface Tree {
  readonly label: string
  readonly children: readonly Tree[]
}

export interface Sparse {
  readonly always: number
  readonly sometimes?: number
}

export interface Card {
  readonly left: number
}

export interface Card2 {
  readonly right: number
}

export interface Circle {
  readonly type: 'Circle'
  readonly lineWidth: number
}

export interface Square {
  readonly kind: 'square'
  readonly side: number
}

export interface EverythingOwn {
  readonly mine: number
}

/** Hits what is there. */
export interface HitEvent {
  readonly type: 'hit'
  readonly at: PointInput
  readonly pair?: PairInput
  readonly target?: TargetInput | null
  readonly dropped?: string
}

export type PointInput = readonly [x: number, y?: number]

/** Fields by position. */
export type PairInput = readonly [left: string, right?: string]

export interface TargetInput {
  readonly id: string
  readonly strength?: number
}

export interface StrangeEvent {
  readonly type: 'strange.event'
}

export interface BoomEmit {
  readonly type: 'boom'
  readonly loudness: number
  readonly of: Target | null
}

export interface Target {
  readonly id: string
  readonly strength: number
}

export interface PlayerChild {
  value: StateValue
  tags: string
  context: PlayerCard
  events: PokeEvent
  emits: never
  children: { readonly [key in never]: never }
  output: unknown
}

export interface PlayerCard {
  readonly points: number
}

export interface PokeEvent {
  readonly type: 'poke'
}

export interface BossChild {
  value: StateValue
  tags: string
  context: PlayerCard
  events: PokeEvent
  emits: never
  children: { readonly [key in never]: never }
  output: unknown
}

type StateValue = string | { readonly [state: string]: StateValue }
