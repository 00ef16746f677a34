// @ts-check
/** Where a payment is made: who, to whom, how much, and what the bank is like. */

import { html } from '@machine-party/page'
import { useSignal } from '@preact/signals'
import { BANKS, inputOf, mistakes } from './logic/input.js'
import { makePayment } from './model/creation.js'
import { Failure } from './model/http.js'
import { t } from './strings.js'

/** @typedef {import('./logic/input.js').Form} Form */
/** @typedef {import('./strings.js').Key} Key */

/** @type {Record<keyof typeof BANKS, Key>} */
const BANK_NAMES = { sound: 'bankSound', shaky: 'bankShaky', deaf: 'bankDeaf', down: 'bankDown' }

/** @type {Form} */
const EMPTY = { payer: 'Ada', payee: 'Bob', amount: '100', balance: '500', bank: 'sound' }

/**
 * @param {{ place: import('./types.js').Place,
 *   onMade: (made: import('./model/creation.js').Made) => void }} props
 */
export function MakePayment({ place, onMade }) {
  const form = useSignal(EMPTY)
  const checked = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal('')
  const wrong = checked.value ? mistakes(form.value) : {}

  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault()
    checked.value = true
    if (busy.value) return
    if (Object.keys(mistakes(form.value)).length) return focusMistake(event)
    busy.value = true
    problem.value = ''
    try {
      onMade(await makePayment(place, inputOf(form.value)))
    } catch (error) {
      const told = error instanceof Failure
      problem.value = told ? t('makeFailed', { reason: error.message }) : t('offline')
    }
    busy.value = false
  }
  /** @type {(field: keyof Form) => (value: string) => void} */
  const set = (field) => (value) => {
    problem.value = ''
    form.value = { ...form.value, [field]: value }
  }
  /** @type {(name: Exclude<keyof Form, 'bank'>, mode?: string) => unknown} */
  const field = (name, mode) => html`<${Field} name=${name} mode=${mode}
    value=${form.value[name]} mistake=${wrong[name]} onInput=${set(name)} />`

  return html`<main class="column make" id="main">
    <header class="stack">
      <h1>${t('makeTitle')}</h1>
      <p class="lead">${t('makeLead')}</p>
    </header>
    <form class="card stack" onSubmit=${submit} novalidate aria-label=${t('makeForm')}>
      <div class="pair">${field('payer')}${field('payee')}</div>
      <div class="pair">${field('amount', 'decimal')}${field('balance', 'decimal')}</div>
      <div class="field">
        <label for="bank">${t('bank')}</label>
        <select id="bank" value=${form.value.bank}
          onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ event) => set('bank')(event.currentTarget.value)}>
          ${Object.entries(BANK_NAMES).map(
            ([bank, name]) =>
              html`<option value=${bank} selected=${bank === form.value.bank}>${t(name)}</option>`,
          )}
        </select>
      </div>
      <p class="status" data-kind="danger" role="alert">${problem.value}</p>
      <button class="primary wide" aria-disabled=${busy.value}>${t(busy.value ? 'making' : 'make')}</button>
    </form>
  </main>`
}

/**
 * @param {{ name: Exclude<keyof Form, 'bank'>, mode?: string, value: string, mistake?: Key,
 *   onInput: (text: string) => void }} props
 */
function Field({ name, mode, value, mistake, onInput }) {
  return html`<div class="field">
    <label for=${name}>${t(name)}</label>
    <input id=${name} value=${value} inputmode=${mode} dir=${mode ? 'ltr' : 'auto'} maxlength="40" autocomplete="off"
      aria-invalid=${mistake !== undefined} aria-describedby="${name}-mistake"
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => onInput(event.currentTarget.value)} />
    <p class="status" data-kind="danger" id="${name}-mistake">${mistake && t(mistake)}</p>
  </div>`
}

/** @param {Event} event */
function focusMistake(event) {
  const form = /** @type {HTMLElement} */ (event.currentTarget)
  requestAnimationFrame(() => {
    const field = form.querySelector('[aria-invalid="true"]')
    if (field instanceof HTMLElement) field.focus()
  })
}
