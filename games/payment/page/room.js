// @ts-check
/** A payment's page: the ways to look at it, or why there is nothing to look at. */

import { html } from '@machine-party/page'
import { useEffect } from 'preact/hooks'
import { isStale } from './model/entry.js'
import { partyPath } from './model/place.js'
import { Heading, passFocus } from './parts/heading.js'
import { Invitation } from './parts/invitation.js'
import { Panel } from './parts/panel.js'
import { ViewLink } from './parts/view-link.js'
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
  useTitle(entry)
  if (entry.ended.value) return html`<${Ended} entry=${entry} code=${entry.ended.value} />`
  if (entry.token.value) return html`<${Ways} entry=${entry} token=${entry.token.value} />`
  return html`<main class="column" id="main">
    <${Heading}>${t('appName')}<//>
    <p role="status">${t('connecting')}</p>
  </main>`
}

/**
 * The browser's tab tells where the payment stands.
 * @param {Entry} entry
 */
function useTitle(entry) {
  const { ended, step } = entry
  const key = ended.value ? endingOf(ended.value)[0] : step.value
  useEffect(() => {
    document.title = key ? t('pageTitle', { state: t(key), app: t('appName') }) : t('appName')
  }, [key])
}

/** @param {{ entry: Entry, token: string }} props */
function Ways({ entry, token }) {
  const view = entry.view.value
  const ways = view === 'both' ? ['live', 'poll'] : [view]
  const invites = entry.kind === 'admin' && entry.waits.value
  return html`<main class="room" id="main" data-view=${view}>
    <header class="bar">
      <${Heading} takes=${invites ? 'never' : 'passed'}>${t('appName')}<//>
      <nav aria-label=${t('waysLabel')}>
        ${VIEWS.map((each) => html`<${ViewLink} entry=${entry} view=${each.view}>${t(each.name)}<//>`)}
      </nav>
    </header>
    ${invites && html`<${Invitation} place=${entry.place} />`}
    <div class="panels">
      ${ways.map(
        (way) =>
          html`<${Panel} key=${way} way=${way} speaks=${way === ways[0]} entry=${entry} token=${token} />`,
      )}
    </div>
    <p><a class="button" href=${partyPath(entry.place)}>${t('makeAnother')}</a></p>
  </main>`
}

/** @param {{ entry: Entry, code: string }} props */
function Ended({ entry, code }) {
  const [title, body] = endingOf(code)
  const again = () => {
    passFocus()
    entry.again()
  }
  return html`<main class="column" id="main">
    <div class="card stack">
      <${Heading} takes="always">${t(title)}<//>
      <p>${t(body)}</p>
      <div class="row">
        ${
          code !== 'not_found' &&
          html`<button type="button" class="primary" onClick=${again}>
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
