// @ts-check
/** The players of a room, as a list with words for who is ready, away or gone. */

import { html } from '@machine-party/page'
import { crowd, firstOf } from '../logic/people.js'
import { t } from '../strings.js'
import { Icon } from './icon.js'

/** @typedef {import('../types.js').Person} Person */

/** More names than these are no longer read by anybody, and are counted instead. */
const SHOWN = 60

/**
 * Names as chips: for a lobby.
 * @param {{ people: readonly Person[], member?: string | undefined, limit?: number }} props
 */
export function NameChips({ people, member, limit = SHOWN }) {
  const { shown, more } = firstOf(people, limit)
  return html`<ul class="chips" data-crowd=${crowd(people.length)}>
    ${shown.map((each) => html`<${NameChip} key=${each.id} person=${each} isMe=${each.id === member} />`)}
    ${more > 0 && html`<li class="chip" data-more>${t('andMore', { n: more })}</li>`}
  </ul>`
}

/** @param {{ person: Person, isMe: boolean }} props */
function NameChip({ person, isMe }) {
  return html`<li class="chip" data-ready=${person.ready} data-presence=${person.presence} data-me=${isMe}>
    ${person.ready && html`<${Icon} name="check" />`}
    <bdi>${person.name}</bdi>
    ${person.ready && html`<span class="visually-hidden">, ${t('isReady')}</span>`}
    <${Mark} person=${person} isMe=${isMe} />
  </li>`
}

/**
 * "you", "away", "gone": in words.
 * @param {{ person: Person, isMe?: boolean }} props
 */
export function Mark({ person, isMe = false }) {
  const word = isMe ? t('you') : person.presence === 'connected' ? '' : t(person.presence)
  return word ? html`<span class="mark">${word}</span>` : null
}
