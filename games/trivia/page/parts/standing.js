// @ts-check
/** Rows of a ranking. */

import { html } from '@machine-party/page'
import { number, t } from '../strings.js'
import { Mark } from './people.js'

/** @typedef {import('../logic/ranking.js').Ranked} Ranked */

/** @param {{ list: readonly Ranked[], member?: string | undefined }} props */
export function Standing({ list, member }) {
  return html`<ol class="standing">
    ${list.map((each) => html`<${Row} key=${each.id} person=${each} isMe=${each.id === member} />`)}
  </ol>`
}

/** @param {{ person: Ranked, isMe: boolean }} props */
function Row({ person, isMe }) {
  return html`<li class="standing-row" data-me=${isMe} data-presence=${person.presence} data-rank=${person.rank}>
    <span class="standing-rank number" aria-hidden="true">${person.rank}</span>
    <span class="visually-hidden">${t('rank', { rank: person.rank })}: </span>
    <bdi class="standing-name">${person.name}</bdi>
    <${Mark} person=${person} isMe=${isMe} />
    <span class="standing-points number" aria-hidden="true">${number(person.points)}</span>
    <span class="visually-hidden">, ${t('points', { n: person.points })}</span>
  </li>`
}
