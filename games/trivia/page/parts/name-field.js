// @ts-check
/** The field for a player's name. */

import { html } from '@machine-party/page'
import { t } from '../strings.js'

/** Longer than a name may be: a mistake is told, not cut off. */
const TYPED_AT_MOST = 120

/**
 * @param {{ value: string, mistake?: import('../strings.js').Key | undefined, problem?: string | undefined,
 *   big?: boolean, onInput: (text: string) => void }} props
 */
export function NameField({ value, mistake, problem, big = false, onInput }) {
  const said = mistake ? t(mistake) : problem
  return html`<div class="field">
    <label for="name">${t('nameLabel')}</label>
    <input id="name" class=${big ? 'big-input' : ''} value=${value} dir="auto" autocomplete="nickname"
      autocapitalize="words" spellcheck=${false} enterkeyhint="go" maxlength=${TYPED_AT_MOST}
      aria-invalid=${Boolean(said)} aria-describedby="name-hint name-problem"
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => onInput(event.currentTarget.value)} />
    <p class="hint" id="name-hint">${t('nameHint')}</p>
    <p class="status" data-kind="danger" id="name-problem" role="alert">${said}</p>
  </div>`
}
