// @ts-check
/**
 * Everything that this page says. No other file has words in it.
 *
 * `{name}` is replaced by a value. An entry with `one` and `other` is chosen by its value `n`.
 */

const en = {
  appName: 'Payment',
  pageTitle: '{state} · {app}',

  // making a payment
  makeTitle: 'Ask for a payment',
  makeLead: 'Somebody confirms, approves within ten seconds (or you decide), and the bank books.',
  makeForm: 'The payment',
  payer: 'From',
  payee: 'To',
  amount: 'Amount in $',
  balance: 'What the payer has, in $',
  bank: 'The bank …',
  bankSound: '… always answers',
  bankShaky: '… answers every second time',
  bankDeaf: '… cannot credit: refunded',
  bankDown: '… is down: nothing is taken',
  whoWrong: 'Please type a name.',
  whoHidden: 'There are characters in it that nobody sees. Please type it anew.',
  amountWrong: 'Please type an amount from $0.01 to $1,000,000, such as 99.50.',
  balanceWrong: 'Please type an amount from $0 to $1,000,000, such as 500.',
  make: 'Ask for it',
  making: 'Asking …',
  makeFailed: 'The payment could not be made: {reason}',
  offline: 'The server could not be reached. Check the network and try again.',

  // the ways to look
  waysLabel: 'How this page hears of it',
  wayLive: 'Live',
  wayPoll: 'Polling',
  wayBoth: 'Side by side',
  liveHow: 'WebSocket',
  pollHow: 'HTTP, once a second',
  liveCounts: { one: '{n} change came by itself', other: '{n} changes came by themselves' },
  pollCounts: '{asked}, {changed}',
  asked: { one: 'asked once', other: 'asked {n} times' },
  changed: { one: '{n} answer was new', other: '{n} answers were new' },
  connecting: 'One moment …',
  connected: 'Connected',
  reconnecting: 'Not reached; trying again …',
  liveStuck: 'Not reached over a WebSocket; still trying. Something on the way may hold it back.',
  pollInstead: 'Polling needs none',
  tryNow: 'Try now',
  closed: 'Ended',

  // inviting
  inviteTitle: 'Hand out this link',
  inviteLead: 'Whoever confirms is the one who pays. You stay the admin.',
  address: 'Address',
  copy: 'Copy the address',
  copied: 'Copied',
  copyFailed: 'The address is selected: copy it with your keyboard or your finger.',
  openUser: 'Open as the payer',
  qrAlt: 'QR code for {address}',

  // states
  needsConfirm: 'Needs confirm',
  awaitingApproval: 'Awaiting approval',
  awaitingAdmin: 'Awaiting admin approval',
  approved: 'Approved',
  debited: 'Debited',
  succeeded: 'Succeeded',
  rejected: 'Rejected',
  refunding: 'Refunding',
  refunded: 'Refunded',
  cancelled: 'Cancelled',
  confirmAdmin: 'Waiting for the payer to open the link and confirm.',
  confirmUser: 'Is it you who pays? Then confirm, and you are asked for your approval.',
  approveNow: {
    one: 'You decide, within {n} second. When the time is up, an admin does.',
    other: 'You decide, within {n} seconds. When the time is up, an admin does.',
  },
  approveWait: {
    one: 'The payer decides, within {n} second. When the time is up, an admin does.',
    other: 'The payer decides, within {n} seconds. When the time is up, an admin does.',
  },
  adminNow: 'The payer’s time is up: you decide.',
  adminWait: 'The payer’s time is up: an admin decides.',
  approvedNow: 'The bank is taking the money from the payer.',
  debitedNow: 'The payer has paid; the bank is crediting it.',
  refundingNow: 'The bank is giving back whatever it has taken.',
  unansweredNow: 'The bank did not answer; it is asked again.',
  attempts: { one: 'Asked once so far.', other: 'Asked {n} times so far.' },
  succeededNow: 'The money has arrived.',
  rejectedPayer: 'The payer said no. No money was moved.',
  rejectedAdmin: 'An admin said no. No money was moved.',
  refundedNow: 'It could not be credited. The payer has the money back.',
  cancelledNow: 'No money was moved.',
  cancelledWithdrawn: 'An admin withdrew it. No money was moved.',
  cancelledRefused: 'The bank refused to take the money from the payer. No money was moved.',
  cancelledNothing: 'The bank did not answer, and was given up. No money was moved.',
  nothingToSay: '',

  // what can be done
  confirm: 'Confirm: I pay',
  approve: 'Approve',
  reject: 'Reject',
  cancel: 'Cancel the payment',
  sending: 'Sending …',
  willBeSent: 'Will be sent when you are back online.',
  refusedConfirm: 'Somebody else has confirmed already.',
  refusedEvent: 'That is not possible any more.',
  failedEvent: 'That did not get through: {reason}',
  secondsLeft: { one: '{n} second left', other: '{n} seconds left' },
  timeIsUp: 'The time is up.',
  askedNow: 'Asked again now …',
  askedAgain: { one: 'Asked again in {n} second', other: 'Asked again in {n} seconds' },
  makeAnother: 'Ask for another payment',

  // what is known
  fromTo: 'from {payer} to {payee}',
  number: 'Payment {id}',
  accountYours: 'Your balance',
  accountTheirs: 'The payer’s balance',
  insufficientFunds: 'That is not enough for this payment.',
  stepsTitle: 'The way of a payment',
  logTitle: 'Log',

  // the log
  logCreated: 'Payment asked for',
  logConfirmed: 'Payer confirmed',
  logTimedOut: 'Ten seconds are over, needs an admin',
  logApprovedPayer: 'Payer approved',
  logApprovedAdmin: 'Admin approved',
  logRejectedPayer: 'Payer rejected',
  logRejectedAdmin: 'Admin rejected',
  logWithdrawn: 'Admin cancelled',
  logDebited: 'Debited from the payer',
  logDebitRefused: 'The bank refused the debit',
  logCredited: 'Credited to the payee',
  logUnanswered: 'No answer from the bank',
  logGaveUp: 'Given up, to be undone',
  logRefunded: 'Refunded to the payer',
  logNothingTaken: 'Nothing had been taken',

  // when it does not go on
  missingTitle: 'There is no such payment',
  missingBody: 'Check the link with whoever gave it to you.',
  staleTitle: 'Your seat has expired',
  staleBody: 'This browser’s place at the payment is no longer valid.',
  endedTitle: 'The connection has ended',
  endedBody: 'Try again, or ask whoever gave you the link.',
  tryAgain: 'Try again',
  joinAgain: 'Come in again',
}

/** @typedef {keyof typeof en} Key */
/** @typedef {{ readonly [name: string]: string | number }} Values */

/** What can be said. */
export const KEYS = /** @type {readonly Key[]} */ (Object.keys(en))

const LANGUAGE = 'en'
const plural = new Intl.PluralRules(LANGUAGE)
const numbers = new Intl.NumberFormat(LANGUAGE)
const dollars = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency: 'USD' })
const CLOCK = /** @type {const} */ ({ timeStyle: 'medium', hourCycle: 'h23' })
const clock = new Intl.DateTimeFormat(LANGUAGE, CLOCK)
const calendar = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', ...CLOCK })

/**
 * The words of `key`.
 * @param {Key} key
 * @param {Values} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const entry = en[key]
  const text = typeof entry === 'string' ? entry : entry[form(values.n)]
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? numbers.format(value) : isolated(value)
  })
}

/** @param {number} cents */
export function money(cents) {
  return dollars.format(cents / 100)
}

/**
 * A time of today, or a day and a time.
 * @param {number} time epoch milliseconds
 * @param {number} [now]
 */
export function moment(time, now = Date.now()) {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString()
  return (isToday ? clock : calendar).format(time)
}

/** @param {string | number | undefined} n */
function form(n) {
  return plural.select(Number(n)) === 'one' ? 'one' : 'other'
}

/** Characters that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/**
 * A text that cannot turn the words around it (UAX #9: FSI … PDI).
 * @param {string} text
 */
function isolated(text) {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text
}
