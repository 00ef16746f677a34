/** The names that this page has for the parts of what the room shows. Types only. */

import type { Facade, Snapshot } from '@machine-party/client'
import type { Trivia } from './party.js'

export type { Trivia }
export type TriviaFacade = Facade<Trivia>
export type TriviaSnapshot = Snapshot<Trivia>
export type TriviaEvent = Trivia['events']

type Context = Trivia['context']
export type Players = Context['players']
export type PlayerCard = Players[string]
export type QuestionCard = NonNullable<Context['question']>
export type Reveal = NonNullable<Context['reveal']>
export type GivenAnswer = Reveal['answers'][string]
export type Draft = NonNullable<Context['answer']>

/** A player with the id under which the room knows them. */
export interface Person extends PlayerCard {
  readonly id: string
}

/** As what this page sits in the room. */
export type Kind = 'player' | 'host' | 'screen' | 'spectator'

/** Where this page is. `room`, `address`: absent where rooms are made. */
export interface Place {
  readonly root: string
  readonly party: string
  readonly room: string | undefined
  /** The address that others can open. */
  readonly address: string
}

/** What this browser keeps of a seat in a room. */
export interface Seat {
  readonly token: string
  readonly name?: string | undefined
}
