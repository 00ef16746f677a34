// @ts-check
/** A newcomer gives a name. */

import { html } from '@machine-party/page'
import { useSignal } from '@preact/signals'
import { cleanName, nameMistake } from '../logic/name.js'
import { NameField } from '../parts/name-field.js'
import { t } from '../strings.js'
import { focusMistake } from './make-room.js'

/**
 * @param {{ room: string, lastName: string, problem?: string | undefined, busy: boolean, slow: boolean,
 *   onJoin: (name: string) => void }} props
 */
export function NameEntry({ room, lastName, problem, busy, slow, onJoin }) {
  const name = useSignal(lastName)
  const checked = useSignal(false)
  const mistake = checked.value ? nameMistake(name.value) : undefined

  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault()
    checked.value = true
    if (nameMistake(name.value)) return focusMistake(event)
    if (!busy) onJoin(cleanName(name.value))
  }
  return html`<main class="scene welcome" id="main">
    <div class="bunting" aria-hidden="true"></div>
    <div class="column narrow">
      <header>
        <p class="caption">${t('nameLead', { room })}</p>
        <h1 tabindex="-1">${t('nameTitle')}</h1>
      </header>
      <form class="card stack" onSubmit=${submit} novalidate>
        <${NameField} big value=${name.value} mistake=${mistake} problem=${problem}
          onInput=${(/** @type {string} */ text) => (name.value = text)} />
        <button class="primary wide big" aria-disabled=${busy}>${t(busy ? 'joining' : 'join')}</button>
        <p class="status" role="status">${slow ? t('connectingSlow') : ''}</p>
      </form>
      <p class="centered"><a class="button ghost" href="#watch">${t('joinWatch')}</a></p>
    </div>
  </main>`
}
