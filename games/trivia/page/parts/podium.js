// @ts-check
/** The podium: the third rank, the second, the first, one after the other. */

import { html } from '@machine-party/page'
import { firstOf } from '../logic/people.js'
import { podium } from '../logic/ranking.js'
import { t } from '../strings.js'
import { Icon } from './icon.js'

/** @typedef {import('../logic/ranking.js').Ranked} Ranked */

/** Names on one step; more share it than can stand there. */
const NAMES = 4

/** Enough to be festive, few enough for an old projector's laptop. */
const PIECES = 28

/** @param {{ list: readonly Ranked[] }} props */
export function Podium({ list }) {
  return html`<ol class="podium" aria-label=${t('podium')}>
    ${podium(list).map((step) => html`<${Step} key=${step.rank} rank=${step.rank} people=${step.people} />`)}
  </ol>`
}

/** @param {{ rank: number, people: readonly Ranked[] }} props */
function Step({ rank, people }) {
  const { shown, more } = firstOf(people, people.length === NAMES + 1 ? NAMES + 1 : NAMES)
  return html`<li class="podium-place" data-rank=${rank} data-count=${people.length}>
    <div class="podium-who">
      ${rank === 1 && html`<${Icon} name="crown" />`}
      ${shown.map((each) => html`<bdi key=${each.id} class="podium-name">${each.name}</bdi>`)}
      ${more > 0 && html`<span class="podium-more">${t('andMore', { n: more })}</span>`}
      <span class="podium-points number">${t('points', { n: people[0]?.points ?? 0 })}</span>
    </div>
    <p class="podium-block">
      <span class="visually-hidden">${t('rank', { rank })}</span><span aria-hidden="true">${rank}</span>
    </p>
  </li>`
}

/** Paper shapes that fall behind the podium; with reduced motion there are none. */
export function Confetti() {
  return html`<div class="confetti" aria-hidden="true">
    ${Array.from({ length: PIECES }, (_, index) => html`<i key=${index} style=${{ '--n': `${index}` }}></i>`)}
  </div>`
}
