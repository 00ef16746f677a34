// @ts-check
/** Where a room is made: what this is, a few options, one button. */

import { html } from '@machine-party/page'
import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { inputOf, isSeconds } from '../logic/input.js'
import { cleanName, nameMistake } from '../logic/name.js'
import { makeRoom } from '../model/creation.js'
import { roomPath } from '../model/place.js'
import { NameField } from '../parts/name-field.js'
import { t } from '../strings.js'

/**
 * @param {{ place: import('../types.js').Place, seats: import('../model/seat.js').Seats,
 *   onMade: (made: import('../model/creation.js').Made) => void }} props
 */
export function MakeRoom({ place, seats, onMade }) {
  const form = useSignal({ hostPlays: false, speed: false, seconds: '' })
  const name = useSignal(seats.name())
  const checked = useSignal(false)
  const problem = useSignal('')
  const busy = useSignal(false)

  const mistake = form.value.hostPlays ? nameMistake(name.value) : undefined
  const secondsWrong = !isSeconds(form.value.seconds)

  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault()
    checked.value = true
    if (busy.value || mistake || secondsWrong) return focusMistake(event)
    busy.value = true
    problem.value = ''
    const made = await makeRoom(place, inputOf(form.value))
    busy.value = false
    if ('problem' in made) {
      problem.value = made.problem
      return
    }
    const called = form.value.hostPlays ? cleanName(name.value) : undefined
    if (called) seats.keepName(called)
    seats.keep(roomPath({ ...place, room: made.room }), 'host', { token: made.token, name: called })
    onMade(made)
  }
  /** @param {Partial<import('../logic/input.js').Form>} change */
  const set = (change) => {
    form.value = { ...form.value, ...change }
  }

  return html`<main class="scene welcome make" id="main">
    <div class="bunting" aria-hidden="true"></div>
    <div class="column">
      <header class="stack">
        <h1 tabindex="-1">${t('makeTitle')}</h1>
        <p class="lead">${t('makeLead')}</p>
      </header>
      <form class="card stack" onSubmit=${submit} novalidate aria-label=${t('makeOptions')}>
        <h2 class="card-title">${t('makeOptions')}</h2>
        <${Switch} checked=${form.value.hostPlays} label=${t('hostPlays')} hint=${t('hostPlaysHint')}
          onChange=${(/** @type {boolean} */ on) => set({ hostPlays: on })} />
        ${
          form.value.hostPlays &&
          html`<${NameField} value=${name.value} mistake=${checked.value ? mistake : undefined}
          onInput=${(/** @type {string} */ text) => (name.value = text)} />`
        }
        <${Switch} checked=${form.value.speed} label=${t('speedPoints')} hint=${t('speedPointsHint')}
          onChange=${(/** @type {boolean} */ on) => set({ speed: on })} />
        <${SecondsField} value=${form.value.seconds} wrong=${checked.value && secondsWrong}
          onInput=${(/** @type {string} */ text) => set({ seconds: text })} />
        <p class="status" data-kind="danger" role="alert">${problem.value}</p>
        <button class="primary wide big" aria-disabled=${busy.value}>${t(busy.value ? 'making' : 'make')}</button>
      </form>
      <ol class="steps">
        <li>${t('makeHow1')}</li>
        <li>${t('makeHow2')}</li>
        <li>${t('makeHow3')}</li>
      </ol>
    </div>
  </main>`
}

/** @param {{ checked: boolean, label: string, hint: string, onChange: (on: boolean) => void }} props */
function Switch({ checked, label, hint, onChange }) {
  const id = useId()
  return html`<label class="switch">
    <input type="checkbox" checked=${checked} aria-labelledby=${id} aria-describedby="${id}-hint"
      onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => onChange(event.currentTarget.checked)} />
    <span><b id=${id}>${label}</b><span class="hint" id="${id}-hint">${hint}</span></span>
  </label>`
}

/** @param {{ value: string, wrong: boolean, onInput: (text: string) => void }} props */
function SecondsField({ value, wrong, onInput }) {
  return html`<div class="field">
    <label for="seconds">${t('secondsPerQuestion')}</label>
    <input id="seconds" inputmode="numeric" value=${value} maxlength="5" aria-invalid=${wrong} aria-describedby="seconds-hint"
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => onInput(event.currentTarget.value)} />
    <p class="hint" id="seconds-hint">${t('secondsHint')}</p>
    ${wrong && html`<p class="status" data-kind="danger" role="alert">${t('secondsWrong')}</p>`}
  </div>`
}

/** @param {Event} event */
export function focusMistake(event) {
  const form = /** @type {HTMLElement} */ (event.currentTarget)
  const field = () =>
    /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid="true"]'))
  requestAnimationFrame(() => field()?.focus())
}
