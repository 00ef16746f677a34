// @ts-check
/** The answer to one question: what is right, what everybody said, and what it gave. */

import { html } from '@machine-party/page'
import { promptSize } from '../logic/fit.js'
import { firstOf } from '../logic/people.js'
import { excerpt, ranked, standingOf } from '../logic/ranking.js'
import { optionCounts, passCount, resultOf, textGroups } from '../logic/tally.js'
import { Heading } from '../parts/heading.js'
import { Icon } from '../parts/icon.js'
import { useAnnouncement } from '../parts/notices.js'
import { OptionResults } from '../parts/options.js'
import { Standing } from '../parts/standing.js'
import { t } from '../strings.js'

/** @typedef {import('../model/room.js').Room} Room */
/** @typedef {import('../types.js').QuestionCard} QuestionCard */
/** @typedef {import('../types.js').Reveal} Reveal */

/** Rows of the standing between questions: what is read in a few seconds. */
const TOP = 5

/** Different texts that are shown; the rest is counted. */
const GROUPS = 8

/** Names beside a text. */
const NAMES = 3

/** @param {{ room: Room }} props */
export function Recap({ room }) {
  const { question, reveal, plays, players } = room.snapshot.value.context
  useAnnouncement(room, question && reveal && !plays ? rightWords(question, reveal) : '')
  if (!question || !reveal) return null
  const mine = plays ? resultOf(reveal, room.member) : undefined
  const list = ranked(players)
  return html`<div class="recap">
    <div class="recap-answer">
      <${Heading} class="prompt" dir="auto" size=${promptSize(question.prompt)}>${question.prompt}<//>
      ${mine && html`<${Mine} room=${room} result=${mine} question=${question} />`}
      <${Answers} question=${question} reveal=${reveal} room=${room} />
      ${reveal.explanation && html`<p class="because" dir="auto"><b class="caption">${t('because')}</b> ${reveal.explanation}</p>`}
    </div>
    ${
      list.length > 0 &&
      html`<section class="recap-standing card" aria-labelledby="standing-title">
      <h2 id="standing-title" class="card-title">${t('standing')}</h2>
      <${Standing} list=${excerpt(list, TOP, room.member)} member=${room.member} />
    </section>`
    }
  </div>`
}

/**
 * @param {QuestionCard} question
 * @param {Reveal} reveal
 */
function rightWords({ options }, { choices, texts }) {
  const right = texts[0] ?? choices.map((letter) => options[letter]).join(t('listSeparator'))
  return `${t('rightAnswer')}: ${right}`
}

/** @type {{ readonly [verdict: string]: 'check' | 'half' | 'dash' }} */
const VERDICT_ICONS = { right: 'check', partly: 'half' }

/**
 * What this player said and got: in words, with a sign, and never in colour alone.
 * @param {{ room: Room, question: QuestionCard, result: ReturnType<typeof resultOf> }} props
 */
function Mine({ room, question, result }) {
  const { verdict, points, answer } = result
  const gained = points > 0 ? t('pointsGained', { n: points }) : t('zeroPoints')
  const said = answer?.text?.trim() || question.options[answer?.choice ?? '']
  const place = standingOf(ranked(room.snapshot.value.context.players), room.member)
  useAnnouncement(room, `${t(verdict)} ${gained}`)
  return html`<section class="mine" data-verdict=${verdict} aria-label=${t('yourAnswer')}>
    <span class="mine-icon"><${Icon} name=${VERDICT_ICONS[verdict] ?? 'dash'} /></span>
    <p class="mine-word"><b>${t(verdict)}</b><span class="mine-points number">${gained}</span></p>
    ${said && html`<p class="mine-said" dir="auto">${t('youSaid', { answer: said })}</p>`}
    ${place && html`<p class="mine-rank">${rankWords(place.mine)}</p>`}
  </section>`
}

/** @param {import('../logic/ranking.js').Ranked} mine */
function rankWords({ rank, points }) {
  return points > 0 ? t('yourRank', { rank, points: t('points', { n: points }) }) : t('noPointsYet')
}

/** @param {{ room: Room, question: QuestionCard, reveal: Reveal }} props */
function Answers({ room, question, reveal }) {
  const mine = reveal.answers[room.member ?? '']
  if (question.kind === 'radio') {
    return html`<${OptionResults} counts=${optionCounts(question, reveal)} mine=${mine?.choice} />
      <${Passes} reveal=${reveal} />`
  }
  return html`<div class="right-texts">
      <p class="caption">${t('rightAnswer')}</p>
      <p class="right-text" dir="auto"><${Icon} name="check" />${reveal.texts[0]}</p>
    </div>
    <${TextAnswers} room=${room} reveal=${reveal} />
    <${Passes} reveal=${reveal} />`
}

/** @param {{ room: Room, reveal: Reveal }} props */
function TextAnswers({ room, reveal }) {
  const groups = textGroups(reveal, room.snapshot.value.context.players)
  if (!groups.length) return html`<p class="muted">${t('nobodyAnswered')}</p>`
  const { shown, more } = firstOf(groups, GROUPS)
  return html`<ul class="groups" aria-label=${t('answersGiven')}>
    ${shown.map((each) => html`<${Group} key=${each.text} group=${each} />`)}
    ${more > 0 && html`<li class="group" data-more>${t('moreAnswers', { n: more })}</li>`}
  </ul>`
}

/** @param {{ group: import('../logic/tally.js').TextGroup }} props */
function Group({ group }) {
  const { shown, more } = firstOf(group.names, NAMES)
  const names = shown.join(t('listSeparator'))
  return html`<li class="group" data-right=${group.right}>
    <p class="group-text">
      ${group.right && html`<${Icon} name="check" /><span class="visually-hidden">${t('right')}</span>`}
      <bdi>${group.text}</bdi>
      <b class="group-count number"><span aria-hidden="true">×${group.count}</span><span class="visually-hidden">${t('votes', { n: group.count })}</span></b>
    </p>
    <p class="group-names caption"><bdi>${names}</bdi> ${more > 0 ? t('andMore', { n: more }) : ''}</p>
  </li>`
}

/** @param {{ reveal: Reveal }} props */
function Passes({ reveal }) {
  const count = passCount(reveal)
  return count > 0 ? html`<p class="muted passes">${t('passes', { n: count })}</p>` : null
}
