// @ts-check
// The front page: finds a room by its code. No game logic, no other page.

import { element } from './element.js'

const root = document.body.dataset.root ?? ''
const form = element('join', HTMLFormElement)
const code = element('code', HTMLInputElement)
const status = element('join-status', HTMLElement)

/** @typedef {{name: string, title: string, creation: string}} Choice one party */

const WORDS = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/ // as room_id.py

/** @returns {Choice} the party that is chosen, or the only one */
function chosen() {
  const radio = form.querySelector('input[name=party]:checked')
  if (!(radio instanceof HTMLInputElement)) throw new Error('the page names no party')
  const { title = radio.value, creation = 'request' } = radio.dataset
  return { name: radio.value, title, creation }
}

/** @returns {string} the code as it was meant: phones write capitals, and people write spaces */
function typed() {
  const text = code.value.replace(/\s/g, '')
  return text.length === 6 ? text.toLowerCase() : text
}

/** @param {string} text @param {string} [href] where to go all the same */
function refuse(text, href) {
  status.textContent = text
  status.dataset.kind = 'danger'
  code.setAttribute('aria-invalid', 'true')
  if (href !== undefined) status.append(' ', anyway(href))
  code.focus()
  code.select()
}

/**
 * A locked room looks like none, but who has a seat in it may come back.
 * @param {string} href
 */
function anyway(href) {
  const link = document.createElement('a')
  link.href = href
  link.textContent = 'I was in it before: open it'
  return link
}

function relax() {
  status.textContent = ''
  delete status.dataset.kind
  code.removeAttribute('aria-invalid')
}

/**
 * Why nobody could join there; undefined if the page of the room is the one to tell.
 * @param {Choice} party @param {string} url
 * @returns {Promise<{reason: string, unknown: boolean} | undefined>}
 */
async function obstacle(party, url) {
  if (party.creation === 'connect') return undefined // who comes first makes the room
  const response = await fetch(url, { headers: { Accept: 'application/json' } })
  const answer = await response.json()
  if (response.status === 404) {
    const reason = `No open room of ${party.title} has this code. Look at it once more.`
    return { reason, unknown: true }
  }
  if (response.status !== 429 && response.status < 500) return undefined
  return { reason: `${answer.error.reason}.`, unknown: false }
}

async function join() {
  const room = typed()
  if (!WORDS.test(room)) return refuse('A code is letters and digits, such as k7m2xw.')
  const party = chosen()
  const url = `${root}/parties/${encodeURIComponent(party.name)}/${room}`
  status.textContent = 'Looking for the room…'
  const found = await obstacle(party, url)
  if (found) refuse(found.reason, found.unknown ? url : undefined)
  else location.assign(url)
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  relax()
  try {
    await join()
  } catch {
    refuse('The server does not answer. Are you on its network?')
  }
})

code.addEventListener('input', relax)
addEventListener('pageshow', relax) // back from the room: what was said is over
