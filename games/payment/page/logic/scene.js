// @ts-check
/** What a payment's state means to whoever looks at it. */

/** @typedef {import('../types.js').PaymentView} PaymentView */
/** @typedef {import('../types.js').Payment} Payment */
/** @typedef {import('@machine-party/client').StatePattern<Payment['value']>} State */
/** @typedef {import('../strings.js').Key} Key */

/**
 * The states in the order in which a payment that succeeds goes through them, then the others.
 * @type {readonly { state: State, name: Key, kind?: 'success' | 'warning' | 'danger' }[]}
 */
export const STEPS = [
  { state: 'needs_confirm', name: 'needsConfirm' },
  { state: 'awaiting_approval', name: 'awaitingApproval', kind: 'warning' },
  { state: 'awaiting_admin_approval', name: 'awaitingAdmin', kind: 'warning' },
  { state: 'approved', name: 'approved' },
  { state: 'debited', name: 'debited' },
  { state: 'succeeded', name: 'succeeded', kind: 'success' },
  { state: 'rejected', name: 'rejected', kind: 'danger' },
  { state: 'refunding', name: 'refunding', kind: 'warning' },
  { state: 'refunded', name: 'refunded', kind: 'warning' },
  { state: 'cancelled', name: 'cancelled', kind: 'danger' },
]

/**
 * Where a payment stands: one of `STEPS`.
 * @param {PaymentView} view
 */
export function stepOf(view) {
  return STEPS.find((step) => view.matches(step.state))
}

/**
 * What to say below the state's name to somebody.
 * @param {PaymentView} view
 * @param {boolean} isAdmin
 * @returns {Key}
 */
export function meaningOf(view, isAdmin) {
  if (view.matches('needs_confirm')) return isAdmin ? 'confirmAdmin' : 'confirmUser'
  if (view.matches('awaiting_approval')) return view.context.pays ? 'approveNow' : 'approveWait'
  if (view.matches('awaiting_admin_approval')) return isAdmin ? 'adminNow' : 'adminWait'
  if (isUnanswered(view)) return 'unansweredNow'
  return whyNot(view) ?? MEANINGS[stepOf(view)?.name ?? ''] ?? 'nothingToSay'
}

/**
 * Why no money was moved, by the last line of the log.
 * @param {PaymentView} view
 * @returns {Key | undefined}
 */
function whyNot(view) {
  const last = logOf(view).at(-1)?.[1]
  if (view.matches('cancelled')) return CANCELLATIONS[last?.code ?? '']
  if (view.matches('rejected')) return last?.by === 'payer' ? 'rejectedPayer' : 'rejectedAdmin'
  return undefined
}

/** @type {{ readonly [name: string]: Key }} */
const MEANINGS = {
  approved: 'approvedNow',
  debited: 'debitedNow',
  refunding: 'refundingNow',
  succeeded: 'succeededNow',
  refunded: 'refundedNow',
  cancelled: 'cancelledNow',
}

/** @type {{ readonly [code: string]: Key }} */
const CANCELLATIONS = {
  withdrawn: 'cancelledWithdrawn',
  debit_refused: 'cancelledRefused',
  nothing_taken: 'cancelledNothing',
}

/** @type {readonly State[]} */
const UNANSWERED = [
  'approved.debit_unanswered',
  'debited.credit_unanswered',
  'refunding.return_unanswered',
]

/**
 * Whether the bank has not answered, and is asked again soon.
 * @param {PaymentView} view
 */
function isUnanswered(view) {
  return UNANSWERED.some((state) => view.matches(state))
}

/**
 * The log, the latest entry last.
 * @param {PaymentView} view
 */
export function logOf(view) {
  return Object.entries(view.context.log).sort(([a], [b]) => Number(a) - Number(b))
}

/**
 * Tells one situation from the next: what is said about an event belongs to the one that it met.
 * @param {PaymentView | undefined} view
 */
export function situationOf(view) {
  return view ? JSON.stringify([view.value, view.context.pays]) : ''
}

/**
 * Why an event was refused, as far as what is shown by now tells.
 * @param {import('../types.js').PaymentEvent['type']} type
 * @param {PaymentView | undefined} view
 * @returns {Key}
 */
export function refusalOf(type, view) {
  const isTaken = view && logOf(view).some(([, { code }]) => code === 'confirmed')
  return type === 'confirm' && isTaken && !view.context.pays ? 'refusedConfirm' : 'refusedEvent'
}
