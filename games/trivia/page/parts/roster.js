// @ts-check
/** The host's list of players: how each one stands, and the way to take one out. */

import { html } from '@machine-party/page'
import { useSignal } from '@preact/signals'
import { peopleByName } from '../logic/people.js'
import { sceneOf } from '../logic/scene.js'
import { t } from '../strings.js'
import { Dialog } from './dialog.js'
import { Icon } from './icon.js'
import { Mark } from './people.js'

/** @typedef {import('../model/room.js').Room} Room */
/** @typedef {import('../types.js').Person} Person */

/** @param {{ room: Room }} props */
export function Roster({ room }) {
  const asked = useSignal(/** @type {Person | undefined} */ (undefined))
  const people = peopleByName(room.snapshot.value.context.players)
  const scene = sceneOf(room.snapshot.value)
  const canRemove = scene !== 'ranking'
  if (!people.length) return html`<p class="muted">${t('noPlayers')}</p>`
  return html`<ul class="list roster">
      ${people.map((each) => {
        const isMe = each.id === room.member
        return html`<li key=${each.id} data-presence=${each.presence}>
          <span class="roster-name"><bdi>${each.name}</bdi> <${Mark} person=${each} isMe=${isMe} /></span>
          <${State} person=${each} scene=${scene} />
          ${
            canRemove &&
            !isMe &&
            html`<button type="button" class="ghost small" onClick=${() => (asked.value = each)}
            aria-label=${t('removeName', { name: each.name })}>${t('remove')}</button>`
          }
        </li>`
      })}
    </ul>
    ${asked.value && html`<${Removal} room=${room} person=${asked.value} onClose=${() => (asked.value = undefined)} />`}`
}

/** @param {{ person: Person, scene: ReturnType<typeof sceneOf> }} props */
function State({ person, scene }) {
  if (scene === 'lobby' || scene === 'countdown') {
    return html`<${Sign} yes=${person.ready} word=${t(person.ready ? 'isReady' : 'isNotReady')} />`
  }
  if (scene === 'open' || scene === 'closed') {
    return html`<${Sign} yes=${person.confirmed} word=${t(person.confirmed ? 'hasConfirmed' : 'isThinking')} />`
  }
  return html`<span class="caption number">${t('points', { n: person.points })}</span>`
}

/** @param {{ yes: boolean, word: string }} props */
function Sign({ yes, word }) {
  return html`<span class="sign" data-yes=${yes}>${yes && html`<${Icon} name="check" />`}${word}</span>`
}

/** @param {{ room: Room, person: Person, onClose: () => void }} props */
function Removal({ room, person, onClose }) {
  const remove = async () => {
    onClose()
    const done = await room.send({ type: 'remove', member: person.id })
    if (done) room.notices.announce(t('removed', { name: person.name }))
  }
  return html`<${Dialog} title=${t('removeTitle', { name: person.name })} onClose=${onClose}>
    <p>${t('removeBody')}</p>
    <div class="row">
      <button type="button" class="danger" onClick=${remove}>${t('removeYes')}</button>
      <button type="button" onClick=${onClose}>${t('cancel')}</button>
    </div>
  <//>`
}
