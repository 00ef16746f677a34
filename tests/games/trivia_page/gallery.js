// @ts-check
/**
 * Shows one scene of the trivia page, as its address says; without one, the list of all.
 *
 * `#scenario=eight&scene=radio-open&role=player`, and: `theme=dark`, `connection=reconnecting`,
 * `sending=b` (an answer without a receipt), `confirming`, `notice`. `#page=make|name|…` shows a
 * page without a room. What is shown stands in `<html data-shown>`, for tests.
 */

import { createActorFacade } from '@machine-party/client'
import { html } from '@machine-party/page'
import { render } from 'preact'
import { App } from '../../../games/trivia/page/app.js'
import { endingOf } from '../../../games/trivia/page/logic/ending.js'
import { createRoom } from '../../../games/trivia/page/model/room.js'
import { createSeats } from '../../../games/trivia/page/model/seat.js'
import { t } from '../../../games/trivia/page/strings.js'

/** @typedef {import('../../../games/trivia/page/types.js').Kind} Kind */
/** @typedef {import('../../../games/trivia/page/types.js').TriviaFacade} TriviaFacade */
/** @typedef {import('../../../games/trivia/page/types.js').Trivia} Trivia */
/** @typedef {import('../../../games/trivia/page/model/entry.js').Entry} Entry */
/** @typedef {import('../../../games/trivia/page/model/entry.js').Stage} Stage */

/**
 * A scene as `documents.py` records it.
 * @typedef {object} Shown
 * @property {number} now epoch milliseconds
 * @property {{ [role: string]: string }} members
 * @property {{ [role: string]: import('@machine-party/client').Document }} documents
 */

/** @type {{ [scenario: string]: { [scene: string]: Shown } }} */
const recorded = await (await fetch('/documents.json')).json()
let query = new URLSearchParams()
const ROLES = ['player', 'host', 'screen', 'spectator']
const CLOSED = ['kicked', 'room_full', 'not_found', 'bad_token', 'rate_limited', 'closed']
const PAGES = ['make', 'name', 'refused', 'joining', 'connecting', ...CLOSED]
const PLACE = {
  root: '',
  party: 'trivia',
  room: 'k7m2xw',
  address: 'http://192.168.178.23:8000/parties/trivia/k7m2xw',
}

/** @type {Promise<never>} */
const never = new Promise(() => {})

/**
 * A façade that stands still; only its clock goes.
 * @param {Shown} shown
 * @param {Kind} role
 * @returns {TriviaFacade}
 */
function still(shown, role) {
  const actor = createActorFacade(shown.documents[role] ?? {}, { send: () => never })
  const opened = Date.now()
  const facade = {
    snapshot: actor.snapshot,
    connection: query.get('connection') ?? 'connected',
    member: shown.members[role],
    serverNow: () => shown.now + Date.now() - opened,
    subscribe() {},
    onConnection() {},
    send: () => never,
  }
  return /** @type {never} */ (facade)
}

/**
 * An entry that is at `stage` and stays there.
 * @param {Stage} stage
 * @returns {Entry}
 */
function entryAt(stage) {
  const entry = { stage: { value: stage }, start() {}, join() {}, rejoin() {}, lastName: () => '' }
  return /** @type {never} */ (entry)
}

/**
 * @param {Shown} shown
 * @param {Kind} role
 */
function roomEntry(shown, role) {
  const room = createRoom(still(shown, role), role, PLACE)
  const question = room.snapshot.value.context.question?.id ?? ''
  const sending = query.get('sending')
  if (sending) room.answer.choose(question, sending)
  if (query.has('confirming')) room.answer.confirm(question)
  if (query.has('notice')) room.notices.tell(t('tooLate'))
  return entryAt({ at: 'room', room })
}

/** @param {string} page */
function pageEntry(page) {
  if (page === 'make') return undefined
  if (page === 'name') return entryAt({ at: 'name' })
  if (page === 'refused') return entryAt({ at: 'name', problem: t('nameLong') })
  if (page === 'joining') return entryAt({ at: 'joining', named: true })
  if (page === 'connecting') return entryAt({ at: 'joining', named: false })
  return entryAt({ at: 'ended', ending: endingOf({ code: page, closeCode: 0 }), reason: '' })
}

/** Every address of the gallery. */
function addresses() {
  const scenes = Object.entries(recorded).flatMap(([scenario, states]) =>
    Object.entries(states).flatMap(([scene, { documents }]) =>
      ROLES.filter((role) => documents[role]).map(
        (role) => `#scenario=${scenario}&scene=${scene}&role=${role}`,
      ),
    ),
  )
  return [...PAGES.map((page) => `#page=${page}`), ...scenes]
}

function List() {
  return html`<main class="column">
    <h1>Gallery</h1>
    <ul>${addresses().map((each) => html`<li><a href=${each}>${each}</a></li>`)}</ul>
  </main>`
}

/** What the address asks for. */
function chosen() {
  const page = query.get('page')
  const shown = recorded[query.get('scenario') ?? '']?.[query.get('scene') ?? '']
  if (!page && !shown) return html`<${List} />`
  const role = /** @type {Kind} */ (query.get('role') ?? 'player')
  const entry = shown ? roomEntry(shown, role) : pageEntry(page ?? '')
  return html`<${App} place=${PLACE} seats=${createSeats(undefined)} entry=${entry} />`
}

function show() {
  const home = document.getElementById('page')
  if (!home) return
  query = new URLSearchParams(location.hash.slice(1))
  const { dataset } = document.documentElement
  dataset.theme = query.get('theme') ?? ''
  dataset.view = ['screen', 'spectator'].includes(query.get('role') ?? '') ? 'screen' : ''
  render(null, home)
  render(chosen(), home)
  dataset.shown = location.hash
}

addEventListener('hashchange', show)
show()
