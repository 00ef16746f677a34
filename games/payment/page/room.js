// @ts-check
/** A payment's page: the ways to look at it, or why there is nothing to look at. */

import { html } from './html.js'
import { isStale } from './model/entry.js'
import { partyPath, roomPath } from './model/place.js'
import { Invitation } from './parts/invitation.js'
import { Panel } from './parts/panel.js'
import { t } from './strings.js'

/** @typedef {import('./model/entry.js').Entry} Entry */
/** @typedef {import('./types.js').View} View */
/** @typedef {import('./strings.js').Key} Key */

/** @type {readonly { view: View, name: Key }[]} */
const VIEWS = [
  { view: 'live', name: 'wayLive' },
  { view: 'poll', name: 'wayPoll' },
  { view: 'both', name: 'wayBoth' },
]

/** @param {{ entry: Entry }} props */
export function Room({ entry }) {
  if (entry.ended.value) return html`<${Ended} entry=${entry} code=${entry.ended.value} />`
  if (entry.token.value) return html`<${Ways} entry=${entry} token=${entry.token.value} />`
  return html`<main class="column" id="main">
    <h1>${t('appName')}</h1>
    <p role="status">${t('connecting')}</p>
  </main>`
}

/** @param {{ entry: Entry, token: string }} props */
function Ways({ entry, token }) {
  const view = entry.view.value
  const ways = view === 'both' ? ['live', 'poll'] : [view]
  return html`<main class="room" id="main" data-view=${view}>
    <header class="bar">
      <h1>${t('appName')}</h1>
      <nav aria-label=${t('waysLabel')}>
        ${VIEWS.map((each) => html`<${ViewLink} entry=${entry} view=${each.view} name=${each.name} />`)}
      </nav>
    </header>
    ${entry.kind === 'admin' && entry.waits.value && html`<${Invitation} place=${entry.place} />`}
    <div class="panels">
      ${ways.map((way) => html`<${Panel} key=${way} way=${way} entry=${entry} token=${token} />`)}
    </div>
    <p><a class="button" href=${partyPath(entry.place)}>${t('makeAnother')}</a></p>
  </main>`
}

/** @param {{ entry: Entry, view: View, name: Key }} props */
function ViewLink({ entry, view, name }) {
  const href = `${roomPath(entry.place)}?view=${view}${location.hash}`
  /** @param {MouseEvent} event */
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    entry.look(view, href)
  }
  const current = entry.view.value === view ? 'page' : undefined
  return html`<a href=${href} onClick=${go} aria-current=${current}>${t(name)}</a>`
}

/** @param {{ entry: Entry, code: string }} props */
function Ended({ entry, code }) {
  const [title, body] = endingOf(code)
  return html`<main class="column" id="main">
    <div class="card stack">
      <h1>${t(title)}</h1>
      <p>${t(body)}</p>
      <div class="row">
        ${
          code !== 'not_found' &&
          html`<button type="button" class="primary" onClick=${entry.again}>
            ${t(isStale(code) ? 'joinAgain' : 'tryAgain')}
          </button>`
        }
        <a class="button" href=${partyPath(entry.place)}>${t('makeAnother')}</a>
      </div>
    </div>
  </main>`
}

/** @type {(code: string) => [Key, Key]} */
function endingOf(code) {
  if (code === 'not_found') return ['missingTitle', 'missingBody']
  if (isStale(code)) return ['staleTitle', 'staleBody']
  return ['endedTitle', code === 'offline' ? 'offline' : 'endedBody']
}
