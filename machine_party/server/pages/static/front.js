// @ts-check
// The front page: makes a room and shows how to join it. No game logic, no other page.

const root = document.body.dataset.root ?? ''

/** @typedef {{party: string, room: string, url: string, token: string}} Made what a room is told by */

/** @param {string} id */
const $ = (id) => {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element
}
const party = /** @type {HTMLSelectElement} */ ($('party'))
const button = /** @type {HTMLButtonElement} */ ($('make').querySelector('button'))

/** @param {string} text @param {boolean} [alert] */
function say(text, alert = false) {
  $('status').textContent = text
  $('status').classList.toggle('alert', alert)
}

/** @param {boolean} busy */
function setBusy(busy) {
  button.setAttribute('aria-disabled', String(busy))
}

/**
 * Asks for a room.
 * @param {string} name of the party
 * @returns {Promise<Made>}
 */
async function makeRoom(name) {
  const response = await fetch(`${root}/parties/${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error?.reason ?? 'the server could not make a room')
  return answer
}

/** @param {string} name of the party @param {string} room its code */
const addressOf = (name, room) =>
  `/parties/${encodeURIComponent(name)}/${encodeURIComponent(room)}`

/** @param {Made} room */
function show(room) {
  $('code').textContent = room.room
  const link = /** @type {HTMLAnchorElement} */ ($('url'))
  link.href = link.textContent = room.url
  const qr = /** @type {HTMLImageElement} */ ($('qr'))
  qr.src = `${root}${addressOf(room.party, room.room)}/qr.svg` // from here: the policy allows no other
  qr.alt = `QR code of the address of room ${room.room}`
  $('command').textContent = `machine-party play ${room.url}`
  $('host-command').textContent = `machine-party play ${room.url} --ask-token`
  const token = /** @type {HTMLInputElement} */ ($('token'))
  token.value = room.token
  $('room').hidden = false
  $('room-title').focus()
}

$('make').addEventListener('submit', async (event) => {
  event.preventDefault()
  if (button.getAttribute('aria-disabled') === 'true') return
  setBusy(true)
  say('Making a room…')
  try {
    show(await makeRoom(party.value))
    say('')
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true)
  } finally {
    setBusy(false)
  }
})

$('join').addEventListener('submit', (event) => {
  event.preventDefault()
  const code = /** @type {HTMLInputElement} */ ($('join-code')).value.trim()
  const room = code.length === 6 ? code.toLowerCase() : code
  location.assign(root + addressOf(party.value, room))
})

$('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText($('url').textContent ?? '')
    say('The address is copied.')
  } catch {
    say('This browser does not let the page copy; select the address instead.', true)
  }
})
