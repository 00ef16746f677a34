/** The names that this page has for the parts of what the room shows. Types only. */

import type { MachineView, Receipt } from '@machine-party/client'
import type { Signal } from '@preact/signals'
import type { Payment } from './party.js'

export type { Payment }
export type PaymentView = MachineView<Payment>
export type PaymentEvent = Payment['events']
export type Context = Payment['context']
export type Line = Context['log'][string]

/** As what this page sits in the room. */
export type Kind = 'admin' | 'user'

/** How this page hears of the room. */
export type Way = 'live' | 'poll'
/** Which ways are shown: one, or both beside each other. */
export type View = Way | 'both'

/** Where this page is. Where payments are made there is no `room`, and `address` is empty. */
export interface Place {
  readonly root: string
  readonly party: string
  readonly room: string | undefined
  /** The address that others can open. */
  readonly address: string
}

/**
 * A way to the room: what is shown, and how to send. Over a WebSocket and by polling it is the
 * same to whoever uses it.
 */
export interface Desk {
  /** Undefined until the first answer. */
  readonly shown: Signal<PaymentView | undefined>
  readonly connection: Signal<'connecting' | 'connected' | 'reconnecting' | 'closed'>
  /** How often this side has asked, and how often there was something new. */
  readonly counts: Signal<{ readonly asked: number; readonly changed: number }>
  /** Why it is over, once it is. */
  readonly ended: Signal<string | undefined>
  /** The server's clock, epoch milliseconds. */
  now(): number
  /** The answer; once it is here, `shown` is what came of it. */
  send(event: PaymentEvent): Promise<Receipt>
  /** Somebody wants it to try again now. */
  hurry(): void
  dispose(): void
}
