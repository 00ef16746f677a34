// @ts-check
/** What a payment is made with: the form's fields, checked and written as the party's input. */

/** What a bank can be like: how often it does not answer to what. */
export const BANKS = /** @type {const} */ ({
  sound: {},
  shaky: { debit: 0.5, credit: 0.5, refund: 0.5 },
  deaf: { credit: 1 },
  down: { debit: 1 },
})

/** Cents; the bounds of the party's input. */
const LARGEST = 100_000_000

/**
 * @typedef {object} Form
 * @property {string} payer
 * @property {string} payee
 * @property {string} amount  as typed, in dollars
 * @property {string} balance
 * @property {keyof typeof BANKS} bank
 */

/**
 * Dollars as typed, in cents; undefined if that is no amount.
 * @param {string} typed "12", "12.5", "12,50"
 */
export function centsOf(typed) {
  const text = typed.trim().replace(',', '.')
  if (!/^\d{1,7}(\.\d{1,2})?$/.test(text)) return undefined
  const cents = Math.round(Number(text) * 100)
  return cents <= LARGEST ? cents : undefined
}

/**
 * What is wrong: `{field: key of strings.js}`.
 * @param {Form} form
 * @returns {{ [field in keyof Form]?: 'whoWrong' | 'amountWrong' | 'balanceWrong' }}
 */
export function mistakes({ payer, payee, amount, balance }) {
  return {
    ...(payer.trim() ? {} : { payer: 'whoWrong' }),
    ...(payee.trim() ? {} : { payee: 'whoWrong' }),
    ...(centsOf(amount) ? {} : { amount: 'amountWrong' }),
    ...(centsOf(balance) === undefined ? { balance: 'balanceWrong' } : {}),
  }
}

/** @param {Form} form without mistakes */
export function inputOf({ payer, payee, amount, balance, bank }) {
  return {
    payer: payer.trim(),
    payee: payee.trim(),
    amount: centsOf(amount),
    balance: centsOf(balance),
    failures: BANKS[bank],
  }
}
