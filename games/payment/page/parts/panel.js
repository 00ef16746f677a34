// @ts-check
/** A payment as one way shows it. What is in here does not know which way that is. */

import { html, useLate } from '@machine-party/page'
import { useEffect, useMemo } from 'preact/hooks'
import { meaningOf, stepOf } from '../logic/scene.js'
import { openLive } from '../model/live.js'
import { roomPath } from '../model/place.js'
import { openPoll } from '../model/poll.js'
import { money, t } from '../strings.js'
import { Actions } from './actions.js'
import { Countdown } from './countdown.js'
import { Log } from './log.js'
import { Steps } from './steps.js'
import { ViewLink } from './view-link.js'

/** @typedef {import('../types.js').Desk} Desk */
/** @typedef {import('../types.js').PaymentView} PaymentView */
/** @typedef {import('../types.js').Way} Way */
/** @typedef {import('../model/entry.js').Entry} Entry */
/** @typedef {import('../strings.js').Key} Key */

const WAYS = /** @type {const} */ ({
  live: { open: openLive, name: 'wayLive', how: 'liveHow', stuck: 'liveStuck' },
  poll: { open: openPoll, name: 'wayPoll', how: 'pollHow', stuck: 'reconnecting' },
})

/** A first answer that is not here by then is perhaps kept from us. */
const STUCK_MS = 4_000

/**
 * @param {{ way: Way, speaks: boolean, entry: Entry, token: string }} props
 *   speaks: to screen readers; of two that show the same, one does
 */
export function Panel({ way, speaks, entry, token }) {
  const { open, name, how } = WAYS[way]
  const desk = useMemo(() => open(roomPath(entry.place), token), [open, entry, token])
  useEffect(() => desk.dispose, [desk])
  const view = desk.shown.value
  useTold(entry, desk)
  return html`<section class="card panel" tabindex="-1" aria-labelledby="${way}-name" data-way=${way}>
    <header class="panel-head">
      <h2 id="${way}-name" class="card-title">${t(name)} <span class="muted">${t(how)}</span></h2>
      <p class="caption number">${countsOf(way, desk)}</p>
      <${Connection} way=${way} speaks=${speaks} entry=${entry} desk=${desk} />
    </header>
    ${
      view &&
      html`<${Payment} way=${way} speaks=${speaks} desk=${desk} view=${view}
        isAdmin=${entry.kind === 'admin'} />`
    }
  </section>`
}

/**
 * Tells the page what this way has heard.
 * @param {Entry} entry
 * @param {Desk} desk
 */
function useTold(entry, desk) {
  const view = desk.shown.value
  const ended = desk.ended.value
  const isOver = view?.hasTag('final') ?? false
  useEffect(() => {
    // What a finished payment shows stays on the page, whatever becomes of its room.
    if (ended && !isOver) entry.ended.value = ended
  }, [ended, isOver, entry])
  useEffect(() => {
    if (!view) return
    entry.waits.value = view.matches('needs_confirm')
    entry.step.value = stepOf(view)?.name
  }, [view, entry])
}

/**
 * @param {Way} way
 * @param {Desk} desk
 */
function countsOf(way, desk) {
  const { asked, changed } = desk.counts.value
  if (way === 'live') return t('liveCounts', { n: changed })
  return t('pollCounts', {
    asked: t('asked', { n: asked }),
    changed: t('changed', { n: changed }),
  })
}

/** @param {{ way: Way, speaks: boolean, entry: Entry, desk: Desk }} props */
function Connection({ way, speaks, entry, desk }) {
  const connection = desk.connection.value
  const isStuck = useLate(connection === 'connecting', STUCK_MS)
  const isOver = desk.shown.value?.hasTag('final') ?? false
  const isAway = isStuck || connection === 'reconnecting'
  return html`<div class="connection">
    <p class="status" role=${speaks ? 'status' : undefined} data-kind=${isAway ? 'warning' : undefined}>
      ${isOver ? '' : t(isStuck ? WAYS[way].stuck : connection)}
    </p>
    ${isAway && !isOver && html`<button type="button" class="small" onClick=${desk.hurry}>${t('tryNow')}</button>`}
    ${isStuck && entry.view.value === 'live' && html`<${ViewLink} entry=${entry} view="poll">${t('pollInstead')}<//>`}
  </div>`
}

/** @param {{ way: Way, speaks: boolean, desk: Desk, view: PaymentView, isAdmin: boolean }} props */
function Payment({ way, speaks, desk, view, isAdmin }) {
  const { context } = view
  return html`<p class="amount">
      <b class="number">${money(context.amount)}</b>
      <span>${t('fromTo', { payer: context.payer, payee: context.payee })}</span>
      <span class="caption">${t('number', { id: context.id })}</span>
    </p>
    <${State} view=${view} isAdmin=${isAdmin} speaks=${speaks} />
    <${Countdown} key=${context.deadline} desk=${desk} view=${view} speaks=${speaks} />
    <${Actions} desk=${desk} view=${view} />
    <${Account} view=${view} />
    <${Steps} id="${way}-steps" view=${view} />
    <${Log} id="${way}-log" view=${view} />`
}

/** @param {{ view: PaymentView, isAdmin: boolean, speaks: boolean }} props */
function State({ view, isAdmin, speaks }) {
  const step = stepOf(view)
  const { duration, attempts } = view.context
  const meaning = t(meaningOf(view, isAdmin), { n: Math.round((duration ?? 0) / 1000) })
  return html`<div class="notice state" role=${speaks ? 'status' : undefined} data-kind=${step?.kind}>
    <strong>${step && t(step.name)}</strong>
    <span>${meaning}</span>
    ${attempts > 1 && html`<span>${t('attempts', { n: attempts })}</span>`}
  </div>`
}

/** @param {{ view: PaymentView }} props */
function Account({ view }) {
  const { account, pays } = view.context
  if (!account) return null
  return html`<p class="account">
    <span class="caption">${t(pays ? 'accountYours' : 'accountTheirs')}</span>
    <b class="number">${money(account.balance)}</b>
    ${account.reason && html`<span class="status" data-kind="danger">${t('insufficientFunds')}</span>`}
  </p>`
}
