// @ts-check
/** Starts the page: reads where it is, and puts everything together. */

import { connect } from '@machine-party/client'
import { render } from 'preact'
import { App } from './app.js'
import { html } from './html.js'
import { createEntry } from './model/entry.js'
import { kindOf, placeOf, roomPath } from './model/place.js'
import { browserStorage, createSeats } from './model/seat.js'

const place = placeOf(document.body.dataset)
const seats = createSeats(browserStorage())

function enterRoom() {
  const kind = kindOf(location.hash, seats.seat(roomPath(place), 'host') !== undefined)
  if (kind === 'screen' || kind === 'spectator') document.documentElement.dataset.view = 'screen'
  const entry = createEntry({ place, kind, seats, connect })
  entry.start()
  return entry
}

const entry = place.room === undefined ? undefined : enterRoom()
// Another fragment is another role: a new page, with its own seat.
addEventListener('hashchange', () => location.reload())

const home = document.getElementById('page')
if (home) render(html`<${App} place=${place} seats=${seats} entry=${entry} />`, home)
