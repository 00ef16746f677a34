// What the party 'trivia' shows and takes: connect<Trivia>(url).
// Written by `machine-party types trivia`; do not edit.

/** A quiz. Roles: player, host (runs it), screen and spectator (watch). */
export interface Trivia {
  value: TriviaValue
  tags: 'answering' | 'revealed' | 'waiting'
  context: TriviaShared & TriviaOwn
  events:
    | ReadyEvent
    | AnswerEvent
    | ConfirmEvent
    | StartEvent
    | SkipEvent
    | PauseEvent
    | ResumeEvent
    | ExtendEvent
    | RemoveEvent
  emits: never
  children: { readonly [key in never]: never }
  output: null
}

export type TriviaValue =
  | 'lobby'
  | 'countdown'
  | { readonly question: 'preparation' | 'open' | 'closed' }
  | 'recap'
  | 'ranking'

/** What all see. */
export interface TriviaShared {
  readonly title: string
  readonly players: { readonly [id: string]: PlayerCard }
  readonly question: QuestionCard | null
  readonly progress: Progress | null
  readonly reveal: Reveal | null
  readonly step: number
  readonly deadline: number | null
  readonly duration: number | null
  readonly paused: boolean
  readonly left: number | null
}

/** A player, as everybody sees it. */
export interface PlayerCard {
  readonly name: string
  readonly presence: 'away' | 'connected' | 'gone'
  readonly ready: boolean
  readonly confirmed: boolean
  readonly points: number
  readonly rank: number | null
  readonly place: number | null
}

/** The question at hand: the current one, and in the recap the one that is revealed. */
export interface QuestionCard {
  readonly id: string
  readonly number: number
  readonly total: number
  readonly category: string
  readonly category_number: number
  readonly categories: number
  readonly kind: 'radio' | 'text'
  readonly prompt: string
  readonly points: number
  readonly options: { readonly [id: string]: string }
}

/** How many of the present players have confirmed. */
export interface Progress {
  readonly confirmed: number
  readonly present: number
}

/** The answers to the question that the recap shows. */
export interface Reveal {
  readonly choices: readonly string[]
  readonly texts: readonly string[]
  readonly explanation: string
  readonly answers: { readonly [id: string]: GivenAnswer }
}

/** A player's answer in the recap. Neither choice nor text: a pass. */
export interface GivenAnswer {
  readonly choice: string | null
  readonly text: string | null
  readonly points: number
}

/** What only I see. */
export interface TriviaOwn {
  readonly plays: boolean
  readonly answer: Draft | null
}

/** My answer to the current question, as the room holds it. */
export interface Draft {
  readonly question: string
  readonly choice: string | null
  readonly text: string | null
  readonly confirmed: boolean
}

/** I am ready to start, or no longer. */
export interface ReadyEvent {
  readonly type: 'ready'
  readonly ready?: boolean
}

/** My answer as it stands; it may be sent again until it is confirmed. */
export interface AnswerEvent {
  readonly type: 'answer'
  readonly question: string
  readonly choice?: string | null
  readonly text?: string | null
}

/** My answer is final. Without an answer: I pass. */
export interface ConfirmEvent {
  readonly type: 'confirm'
  readonly question: string
}

/** Start now, ready or not. */
export interface StartEvent {
  readonly type: 'start'
}

/** Wait no longer: go on as if the time were up. */
export interface SkipEvent {
  readonly type: 'skip'
  readonly step: number
}

/** Stop the clock: no wait ends by itself, and no answer is taken. */
export interface PauseEvent {
  readonly type: 'pause'
}

/** Let the clock go on, with the time that was left. */
export interface ResumeEvent {
  readonly type: 'resume'
}

/** Ten more seconds for the open question. */
export interface ExtendEvent {
  readonly type: 'extend'
  readonly step: number
}

/** Take a member out of the room for good. Hosts cannot be removed. */
export interface RemoveEvent {
  readonly type: 'remove'
  readonly member: string
}
