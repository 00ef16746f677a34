// @ts-check
/** Starts the page: reads where it is, and puts everything together. */

import { connect } from '@machine-party/client'
import { html } from '@machine-party/page'
import { render } from 'preact'
import { App } from './app.js'
import { createEntry } from './model/entry.js'
import { kindOf, placeOf, roomPath } from './model/place.js'
import { browserStorage, createSeats } from './model/seat.js'

const seats = createSeats(browserStorage())

/** @param {import('./types.js').Place} place with a room */
function enterRoom(place) {
  const kind = kindOf(location.hash, seats.seat(roomPath(place), 'host') !== undefined)
  if (kind === 'screen' || kind === 'spectator') document.documentElement.dataset.view = 'screen'
  const entry = createEntry({ place, kind, seats, connect })
  entry.start()
  return entry
}

/** @param {import('./types.js').Place} place */
function show(place) {
  const entry = place.room === undefined ? undefined : enterRoom(place)
  /** @param {import('./model/creation.js').Made} made */
  const onMade = ({ room, url }) => {
    const made = { ...place, room, address: url }
    // Without loading anew: a browser that may keep nothing would have lost the host's seat.
    history.pushState(null, '', roomPath(made))
    show(made)
  }
  const home = document.getElementById('page')
  if (!home) return
  render(html`<${App} place=${place} seats=${seats} entry=${entry} onMade=${onMade} />`, home)
}

// Another fragment is another role, and "back" another page: a new page, with its own seat.
addEventListener('hashchange', () => location.reload())
addEventListener('popstate', () => location.reload())
show(placeOf(document.body.dataset))
