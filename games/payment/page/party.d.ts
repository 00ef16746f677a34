// What the party 'payment' shows and takes: connect<Payment>(url).
// Written by `machine-party types payment`; do not edit.

/** A payment. Roles: user (one of them pays), admin (has made it, and decides). */
export interface Payment {
  value: PaymentValue
  tags: 'final' | 'moving' | 'waiting'
  context: PaymentShared & PaymentOwn
  events: ConfirmEvent | ApproveEvent | RejectEvent | CancelEvent
  emits: never
  children: { readonly [key in never]: never }
  output: null
}

export type PaymentValue =
  | 'needs_confirm'
  | 'awaiting_approval'
  | 'awaiting_admin_approval'
  | { readonly approved: 'debiting' | 'debit_unanswered' }
  | { readonly debited: 'crediting' | 'credit_unanswered' }
  | { readonly refunding: 'returning' | 'return_unanswered' }
  | 'succeeded'
  | 'rejected'
  | 'cancelled'
  | 'refunded'

/** What everybody with the link sees. */
export interface PaymentShared {
  readonly id: string
  readonly payer: string
  readonly payee: string
  readonly amount: number
  readonly attempts: number
  readonly deadline: number | null
  readonly duration: number | null
  readonly log: { readonly [id: string]: Line }
}

/** A line of the log. */
export interface Line {
  readonly at: number
  readonly code:
    | 'approved'
    | 'confirmed'
    | 'created'
    | 'credited'
    | 'debit_refused'
    | 'debited'
    | 'gave_up'
    | 'nothing_taken'
    | 'refunded'
    | 'rejected'
    | 'timed_out'
    | 'unanswered'
    | 'withdrawn'
  readonly by: 'admin' | 'bank' | 'clock' | 'payer'
}

/** What only I see. */
export interface PaymentOwn {
  readonly pays: boolean
  readonly account: Account | null
}

/** The payer's account. */
export interface Account {
  readonly balance: number
  readonly reason: 'insufficient_funds' | null
}

/** I am the one who pays: ask me for my approval. */
export interface ConfirmEvent {
  readonly type: 'confirm'
}

/** Yes: the payer's while the countdown runs, an admin's afterwards. */
export interface ApproveEvent {
  readonly type: 'approve'
}

/** No: the payer's while the countdown runs, an admin's afterwards. */
export interface RejectEvent {
  readonly type: 'reject'
}

/** The payment is not wanted any more; nothing was decided yet. */
export interface CancelEvent {
  readonly type: 'cancel'
}
