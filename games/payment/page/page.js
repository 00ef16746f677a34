// @ts-check
/** Starts the page: reads where it is, and shows it. */

import { html } from '@machine-party/page'
import { render } from 'preact'
import { MakePayment } from './make.js'
import { createEntry } from './model/entry.js'
import { kindOf, placeOf, roomPath } from './model/place.js'
import { browserStorage, createSeats } from './model/seat.js'
import { passFocus } from './parts/heading.js'
import { Room } from './room.js'
import { t } from './strings.js'

const seats = createSeats(browserStorage())

/**
 * @param {import('./types.js').Place} place with a room
 * @param {boolean} isNew
 */
function entryOf(place, isNew) {
  const isAdmin = seats.token(roomPath(place), 'admin') !== undefined
  return createEntry({ place, kind: kindOf(location.hash, isAdmin), seats, isNew })
}

/**
 * @param {import('./types.js').Place} place
 * @param {boolean} [isNew] the payment was made just now
 */
function show(place, isNew = false) {
  /** @param {import('./model/creation.js').Made} made */
  const onMade = ({ room, token, url }) => {
    const made = { ...place, room, address: url }
    seats.keep(roomPath(made), 'admin', token)
    // Without loading anew: a browser that may keep nothing would have lost the admin's seat.
    history.pushState(null, '', roomPath(made))
    passFocus()
    show(made, true)
  }
  const home = document.getElementById('page')
  if (!home) return
  document.title = t('appName')
  render(
    place.room === undefined
      ? html`<${MakePayment} place=${place} onMade=${onMade} />`
      : html`<${Room} entry=${entryOf(place, isNew)} />`,
    home,
  )
}

// Another fragment is another seat, and "back" may be another page.
addEventListener('hashchange', () => location.reload())
show(placeOf(document.body.dataset))
