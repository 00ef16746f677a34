// @ts-check
/** What is told in passing, the connection's state, and the words for screen readers. */

import { html, rest, useLate } from '@machine-party/page'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../strings.js'
import { useFocusHeir } from './heading.js'
import { Icon } from './icon.js'

/** @typedef {import('../model/room.js').Room} Room */

/** A shorter break is nobody's business. */
const CALM_MS = 1_000

/** @param {{ room: Room }} props */
export function Notices({ room }) {
  const { shown, dismiss } = room.notices
  return html`<div class="notices" role="status">
    ${shown.value.map(
      (each) => html`<div key=${each.id} class="notice" data-kind="warning">
        <p>${each.text}</p>
        <button type="button" class="ghost icon-only" onClick=${() => dismiss(each.id)}>
          <${Icon} name="cross" /><span class="visually-hidden">${t('dismiss')}</span>
        </button>
      </div>`,
    )}
  </div>`
}

/** @param {{ room: Room }} props */
export function Announcer({ room }) {
  return html`<p class="visually-hidden" role="status" aria-live="polite">${room.notices.spoken.value}</p>`
}

/**
 * Tells screen readers `text` when it appears or changes; the empty text is not told.
 * @param {Room} room
 * @param {string} text
 */
export function useAnnouncement(room, text) {
  useEffect(() => {
    if (text) room.notices.announce(text)
  }, [room, text])
}

/** @param {{ room: Room }} props */
export function ConnectionBar({ room }) {
  const isAway = useIsAway(room)
  const wasAway = useRef(false)
  useEffect(() => {
    if (wasAway.current && !isAway) room.notices.announce(t('backAgain'))
    wasAway.current = isAway
  }, [room, isAway])
  return html`<div class="connection">
    <div role="status">${isAway && html`<p><${Icon} name="offline" />${t('reconnecting')}</p>`}</div>
    ${isAway && html`<${TryNow} />`}
  </div>`
}

/**
 * Somewhere to press: at a press, wherever it is, the client tries again at once. What is pressed
 * when the button has just gone was meant for it.
 */
function TryNow() {
  const own = useFocusHeir()
  useEffect(() => rest, [])
  return html`<button ref=${own} type="button" class="small">${t('tryNow')}</button>`
}

/** @param {{ room: Room }} props */
export function PauseBar({ room }) {
  return html`<div class="paused" role="status">
    ${room.snapshot.value.context.paused && html`<p><${Icon} name="pause" />${t('paused')}</p>`}
  </div>`
}

/**
 * Whether the room cannot be reached, for so long that it is worth a word.
 * @param {Room} room
 */
export function useIsAway(room) {
  return useLate(room.connection.value === 'reconnecting', CALM_MS)
}
