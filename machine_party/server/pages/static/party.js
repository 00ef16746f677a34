// @ts-check
// The page of a party without one of its own: makes a room, and shows how to join it.

import { copyOnClick, showAddress } from './address.js'
import { element } from './element.js'

const root = document.body.dataset.root ?? ''
const party = document.body.dataset.party ?? ''
const form = element('make', HTMLFormElement)
const status = element('status', HTMLElement)

/** @typedef {{party: string, room: string, url: string, token: string}} Made what a room is told by */

/** @param {string} text @param {boolean} [alert] */
function say(text, alert = false) {
  status.textContent = text
  status.dataset.kind = alert ? 'danger' : ''
}

/** @param {boolean} busy */
function setBusy(busy) {
  form.querySelector('button')?.setAttribute('aria-disabled', String(busy))
  form.dataset.busy = String(busy)
}

/** @returns {Promise<Made>} a new room */
async function makeRoom() {
  const response = await fetch(`${root}/parties/${encodeURIComponent(party)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error?.reason ?? 'the server could not make a room')
  return answer
}

/** @param {Made} made */
function show({ room, url, token }) {
  element('code', HTMLElement).textContent = room
  const link = element('url', HTMLAnchorElement)
  link.href = url
  showAddress(link, url)
  const qr = element('qr', HTMLImageElement)
  const place = `/parties/${encodeURIComponent(party)}/${encodeURIComponent(room)}`
  qr.src = `${root}${place}/qr.svg` // from here: the policy allows no other
  qr.alt = `QR code of the address of room ${room}`
  element('command', HTMLElement).textContent = `machine-party play ${url}`
  element('host-command', HTMLElement).textContent = `machine-party play ${url} --ask-token`
  element('token', HTMLInputElement).value = token
  element('room', HTMLElement).hidden = false
  element('room-title', HTMLElement).focus()
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (form.dataset.busy === 'true') return
  setBusy(true)
  say('Making a room…')
  try {
    show(await makeRoom())
    say('')
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true)
  } finally {
    setBusy(false)
  }
})

copyOnClick(
  element('copy', HTMLElement),
  element('url', HTMLElement),
  element('copy-status', HTMLElement),
)
