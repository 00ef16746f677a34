// @ts-check
/** Before it starts: who is here, who is ready, and how to get in. */

import { html } from '@machine-party/page'
import { useSignal } from '@preact/signals'
import { peopleByName, readiness } from '../logic/people.js'
import { Heading } from '../parts/heading.js'
import { Icon } from '../parts/icon.js'
import { Invitation, JoinCard, JoinWords } from '../parts/join.js'
import { NameChips } from '../parts/people.js'
import { usePress } from '../parts/press.js'
import { t } from '../strings.js'

/** @typedef {import('../model/room.js').Room} Room */

/** @param {{ room: Room }} props */
export function Lobby({ room }) {
  if (room.kind === 'screen' || room.kind === 'spectator')
    return html`<${StageLobby} room=${room} />`
  return room.kind === 'host'
    ? html`<${HostLobby} room=${room} />`
    : html`<${PlayerLobby} room=${room} />`
}

/** @param {{ room: Room }} props */
function PlayerLobby({ room }) {
  const { context } = room.snapshot.value
  const me = context.players[room.member ?? '']
  return html`<div class="column lobby">
    <header class="stack-s">
      <p class="caption" dir="auto">${context.title}</p>
      <${Heading}>${t('lobbyTitlePlayer', { name: me?.name ?? '' })}<//>
      <p class="muted">${t('lobbyReadyHint')}</p>
    </header>
    <${ReadyToggle} room=${room} />
    <${Here} room=${room} />
  </div>`
}

/** @param {{ room: Room }} props */
function HostLobby({ room }) {
  const { context } = room.snapshot.value
  return html`<div class="column wide-column lobby">
    <header class="stack-s">
      <p class="caption" dir="auto">${context.title}</p>
      <${Heading}>${t('lobbyTitleHost')}<//>
      <p class="muted">${t('lobbyHostHint')}</p>
    </header>
    <div class="card"><${Invitation} place=${room.place} /></div>
    ${context.plays && html`<${ReadyToggle} room=${room} />`}
    <div class="narrow-only"><${Here} room=${room} /></div>
  </div>`
}

/** @param {{ room: Room }} props */
function StageLobby({ room }) {
  const { context } = room.snapshot.value
  return html`<div class="stage-lobby">
    <div class="bunting" aria-hidden="true"></div>
    <${JoinCard} place=${room.place} />
    <div class="stage-lobby-people">
      <header>
        <p class="caption stage-title" dir="auto">${context.title}</p>
        <${Heading}>${t('lobbyTitleScreen')}<//>
      </header>
      <${JoinWords} place=${room.place} />
      <${Here} room=${room} />
    </div>
  </div>`
}

/** @param {{ room: Room }} props */
function Here({ room }) {
  const people = peopleByName(room.snapshot.value.context.players)
  const { ready, total } = readiness(people)
  if (!people.length) {
    return html`<p class="muted nobody">${t(room.kind === 'host' ? 'nobodyHereHost' : 'nobodyHere')}</p>`
  }
  return html`<section class="here" aria-label=${t('players')}>
    <p class="here-count">
      <b>${t('peopleHere', { n: total })}</b>
      <span class="badge" data-all=${ready === total}>${t('readyCount', { ready, n: total })}</span>
    </p>
    <${NameChips} people=${people} member=${room.member} />
  </section>`
}

/**
 * The player's one button. It says what the room says; a press that is on its way shows so.
 * @param {{ room: Room }} props
 */
export function ReadyToggle({ room }) {
  const wished = useSignal(/** @type {boolean | undefined} */ (undefined))
  const isReady = room.snapshot.value.context.players[room.member ?? '']?.ready ?? false
  const online = room.connection.value === 'connected'
  const { press } = usePress(async () => {
    wished.value = !isReady
    await room.send({ type: 'ready', ready: !isReady })
    wished.value = undefined
  })
  const note = wished.value === undefined ? '' : t(online ? 'sending' : 'willBeSent')
  return html`<div class="ready">
    <button type="button" class="ready-toggle wide ${isReady ? '' : 'primary'}" data-ready=${isReady} onClick=${press}>
      ${isReady && html`<${Icon} name="check" />`}${t(isReady ? 'readyDone' : 'ready')}
    </button>
    <p class="hint centered" role="status">${note || (isReady ? t('readyUndo') : '')}</p>
  </div>`
}
