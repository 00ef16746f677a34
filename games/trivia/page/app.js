// @ts-check
/** The whole page: where rooms are made, or the way into one. */

import { html, useLate } from '@machine-party/page'
import { useEffect } from 'preact/hooks'
import { Game } from './scenes/game.js'
import { MakeRoom } from './scenes/make-room.js'
import { Connecting, Ended } from './scenes/message.js'
import { NameEntry } from './scenes/name-entry.js'
import { t } from './strings.js'

/** @typedef {import('./types.js').Place} Place */

/** After this long, waiting is spoken of. */
const SLOW_MS = 4_000

/**
 * @param {{ place: Place, seats: import('./model/seat.js').Seats,
 *   onMade: (made: import('./model/creation.js').Made) => void,
 *   entry?: import('./model/entry.js').Entry | undefined }} props
 */
export function App({ place, seats, entry, onMade }) {
  useEffect(() => {
    document.title = t('appName')
  }, [])
  return entry
    ? html`<${RoomPage} place=${place} entry=${entry} />`
    : html`<${MakeRoom} place=${place} seats=${seats} onMade=${onMade} />`
}

/** @param {{ place: Place, entry: import('./model/entry.js').Entry }} props */
function RoomPage({ place, entry }) {
  const stage = entry.stage.value
  const slow = useLate(stage.at === 'joining', SLOW_MS)
  switch (stage.at) {
    case 'room':
      return html`<${Game} room=${stage.room} />`
    case 'ended':
      return html`<${Ended} place=${place} ending=${stage.ending} reason=${stage.reason}
        onAgain=${entry.start} onRejoin=${entry.rejoin} />`
    default:
      if (stage.at === 'joining' && !stage.named) return html`<${Connecting} slow=${slow} />`
      return html`<${NameEntry} room=${place.room ?? ''} lastName=${entry.lastName()}
        problem=${stage.at === 'name' ? stage.problem : undefined}
        busy=${stage.at === 'joining'} slow=${slow} onJoin=${entry.join} />`
  }
}
