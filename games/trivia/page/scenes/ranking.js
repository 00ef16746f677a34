// @ts-check
/** The end: the podium, everybody's rank, and one's own. */

import { html } from '@machine-party/page'
import { firstOf } from '../logic/people.js'
import { ranked, standingOf, winners } from '../logic/ranking.js'
import { partyPath } from '../model/place.js'
import { Heading } from '../parts/heading.js'
import { useAnnouncement } from '../parts/notices.js'
import { Confetti, Podium } from '../parts/podium.js'
import { Standing } from '../parts/standing.js'
import { ordinal, t } from '../strings.js'

/** @typedef {import('../model/room.js').Room} Room */
/** @typedef {import('../logic/ranking.js').Ranked} Ranked */

/** Rows that a projector can show; everybody finds their own rank on their own phone. */
const ON_SCREEN = 8

/** @param {{ room: Room }} props */
export function Ranking({ room }) {
  const { title, players, plays } = room.snapshot.value.context
  const list = ranked(players)
  const mine = plays ? standingOf(list, room.member) : undefined
  const { shown, more } = firstOf(list, room.kind === 'screen' ? ON_SCREEN : list.length)
  const own = mine && rankWords(mine.mine.rank, mine.shared, list.length)
  useAnnouncement(room, `${t('rankingTitle')}. ${own ?? outcome(list)}`)
  return html`<div class="ranking">
    <${Confetti} />
    <header class="stack-s centered">
      <p class="caption" dir="auto">${title}</p>
      <${Heading}>${t('rankingTitle')}<//>
      <p class="winner" dir="auto">${outcome(list)}</p>
    </header>
    ${mine && html`<${Mine} standing=${mine} count=${list.length} />`}
    ${list.length > 0 && html`<${Podium} list=${list} />`}
    <section class="ranking-list" aria-labelledby="everybody">
      <h2 id="everybody" class="card-title">${t('fullList')}</h2>
      <${Standing} list=${shown} member=${room.member} />
      ${more > 0 && html`<p class="muted">${t('andMore', { n: more })}</p>`}
    </section>
    <footer class="ranking-end">
      <p class="muted">${t('thanks')}</p>
      ${room.kind !== 'screen' && html`<a class="button" href=${partyPath(room.place)}>${t('newQuiz')}</a>`}
    </footer>
  </div>`
}

/** @param {readonly Ranked[]} list */
function outcome(list) {
  const best = winners(list)
  if (!best[0]) return t('rankingNobody')
  return best.length > 1 ? t('rankingTie') : t('rankingWinner', { name: best[0].name })
}

/** @param {{ standing: NonNullable<ReturnType<typeof standingOf>>, count: number }} props */
function Mine({ standing, count }) {
  const { mine, shared, ahead } = standing
  return html`<section class="card final-mine" data-rank=${mine.rank}>
    <p class="final-rank">${rankWords(mine.rank, shared, count)}</p>
    <p class="final-points number">${t('points', { n: mine.points })}</p>
    ${shared > 0 && mine.rank > 1 && html`<p class="muted">${t('sharedWith', { n: shared })}</p>`}
    ${ahead && html`<p class="muted" dir="auto">${t('behind', { points: t('points', { n: ahead.points }), name: ahead.name })}</p>`}
  </section>`
}

/**
 * @param {number} rank
 * @param {number} shared with how many others
 * @param {number} count of all players
 */
function rankWords(rank, shared, count) {
  if (rank === 1) return t(shared ? 'youWonShared' : 'youWon')
  return t('yourPlace', { ordinal: ordinal(rank), n: count })
}
