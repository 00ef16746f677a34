// @ts-check
/** A payment as one way shows it. What is in here does not know which way that is. */

import { useEffect, useMemo } from 'preact/hooks'
import { html } from '../html.js'
import { meaningOf, stepOf } from '../logic/scene.js'
import { openLive } from '../model/live.js'
import { roomPath } from '../model/place.js'
import { openPoll } from '../model/poll.js'
import { money, t } from '../strings.js'
import { Actions } from './actions.js'
import { Countdown } from './countdown.js'
import { Log } from './log.js'
import { Steps } from './steps.js'

/** @typedef {import('../types.js').Desk} Desk */
/** @typedef {import('../types.js').PaymentView} PaymentView */
/** @typedef {import('../strings.js').Key} Key */

const WAYS = /** @type {const} */ ({
  live: { open: openLive, name: 'wayLive', how: 'liveHow', counts: 'liveCounts' },
  poll: { open: openPoll, name: 'wayPoll', how: 'pollHow', counts: 'pollCounts' },
})

/**
 * @param {{ way: import('../types.js').Way, entry: import('../model/entry.js').Entry,
 *   token: string }} props
 */
export function Panel({ way, entry, token }) {
  const { open, name, how, counts } = WAYS[way]
  const desk = useMemo(() => open(roomPath(entry.place), token), [open, entry, token])
  useEffect(() => desk.dispose, [desk])
  const ended = desk.ended.value
  const view = desk.shown.value
  const isOver = view?.hasTag('final') ?? false
  useEffect(() => {
    // What a finished payment shows stays on the page, whatever becomes of its room.
    if (ended && !isOver) entry.ended.value = ended
  }, [ended, isOver, entry])
  useEffect(() => {
    if (view) entry.waits.value = view.matches('needs_confirm')
  }, [view, entry])
  const { asked, changed } = desk.counts.value
  return html`<section class="card panel" tabindex="-1" aria-labelledby="${way}-name" data-way=${way}>
    <header class="panel-head">
      <h2 id="${way}-name" class="card-title">${t(name)} <span class="muted">${t(how)}</span></h2>
      <p class="caption number">${t(counts, { n: changed, asked })}</p>
      <p class="status" role="status" data-kind=${desk.connection.value === 'reconnecting' ? 'warning' : undefined}>
        ${isOver ? '' : t(desk.connection.value)}
      </p>
    </header>
    ${view && html`<${Payment} way=${way} desk=${desk} view=${view} isAdmin=${entry.kind === 'admin'} />`}
  </section>`
}

/** @param {{ way: string, desk: Desk, view: PaymentView, isAdmin: boolean }} props */
function Payment({ way, desk, view, isAdmin }) {
  const { context } = view
  return html`<p class="amount">
      <b class="number">${money(context.amount)}</b>
      <span>${t('fromTo', { payer: context.payer, payee: context.payee })}</span>
      <span class="caption">${t('number', { id: context.id })}</span>
    </p>
    <${State} view=${view} isAdmin=${isAdmin} />
    <${Countdown} key=${context.deadline} desk=${desk} view=${view} />
    <${Actions} desk=${desk} view=${view} />
    <${Account} view=${view} />
    <${Steps} id="${way}-steps" view=${view} />
    <${Log} id="${way}-log" view=${view} />`
}

/** @param {{ view: PaymentView, isAdmin: boolean }} props */
function State({ view, isAdmin }) {
  const step = stepOf(view)
  return html`<div class="notice state" role="status" data-kind=${step?.kind}>
    <strong>${step && t(step.name)}</strong>
    <span>${t(meaningOf(view, isAdmin))}</span>
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
