// @ts-check
/** The seconds before the first question. */

import { html } from '@machine-party/page'
import { Heading } from '../parts/heading.js'
import { useAnnouncement } from '../parts/notices.js'
import { Timer } from '../parts/timer.js'
import { t } from '../strings.js'
import { ReadyToggle } from './lobby.js'

/** @param {{ room: import('../model/room.js').Room }} props */
export function Countdown({ room }) {
  const { context } = room.snapshot.value
  useAnnouncement(room, `${t('countdownTitle')}. ${t('countdownBody')}`)
  return html`<div class="countdown">
    <p class="caption" dir="auto">${context.title}</p>
    <${Heading}>${t('countdownTitle')}<//>
    <${Timer} room=${room} size="huge" announced />
    <p class="muted">${t('countdownBody')}</p>
    ${room.kind === 'player' && html`<${ReadyToggle} room=${room} />`}
  </div>`
}
