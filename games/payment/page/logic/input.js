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

/** Of several scripts, and of emoji; other characters that nobody sees are in no name. */
const JOINERS = /[\u200c\u200d]/g

/**
 * Dollars as typed, in cents; undefined if that is no amount.
 * @param {string} typed "12", "12.5", "12,50", "$1,200", "1.200,50", "1 200"
 */
export function centsOf(typed) {
  const text = plain(typed.replace('$', '').trim())
  if (!/^\d{1,7}(\.\d{1,2})?$/.test(text)) return undefined
  const cents = Math.round(Number(text) * 100)
  return cents <= LARGEST ? cents : undefined
}

/**
 * An amount without what separates its thousands, and with a point.
 * @param {string} text
 */
function plain(text) {
  const joined = text.replace(/(?<=\d)[\s’'](?=\d{3}(?!\d))/gu, '')
  if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(joined)) return joined.replaceAll(',', '')
  if (/^\d{1,3}(\.\d{3})+,\d+$/.test(joined)) return joined.replaceAll('.', '').replace(',', '.')
  return joined.replace(',', '.')
}

/**
 * What is wrong with a name, as the server sees it (`games/payment/input.py`).
 * @param {string} name
 * @returns {'whoWrong' | 'whoHidden' | undefined}
 */
function mistakeOf(name) {
  const seen = name.replace(JOINERS, '')
  if (!seen.trim()) return 'whoWrong'
  return /\p{C}/u.test(seen) ? 'whoHidden' : undefined
}

/**
 * What is wrong: `{field: key of strings.js}`.
 * @param {Form} form
 * @returns {{ [field in keyof Form]?: 'whoWrong' | 'whoHidden' | 'amountWrong' | 'balanceWrong' }}
 */
export function mistakes({ payer, payee, amount, balance }) {
  const [from, to] = [mistakeOf(payer), mistakeOf(payee)]
  return {
    ...(from && { payer: from }),
    ...(to && { payee: to }),
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
