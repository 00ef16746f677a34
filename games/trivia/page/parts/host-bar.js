// @ts-check
/** The host's remote: go on, see who is here, invite others. Nothing secret is on it. */

import { html } from '@machine-party/page'
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { peopleByName, readiness } from '../logic/people.js'
import { nextStep, sceneOf } from '../logic/scene.js'
import { t } from '../strings.js'
import { Dialog } from './dialog.js'
import { useFocusHeir } from './heading.js'
import { Icon } from './icon.js'
import { Invitation } from './join.js'
import { usePress } from './press.js'
import { Roster } from './roster.js'

/** @typedef {import('../model/room.js').Room} Room */

/** @param {{ room: Room }} props */
export function HostBar({ room }) {
  const panel = useSignal(/** @type {'players' | 'invite' | undefined} */ (undefined))
  const people = peopleByName(room.snapshot.value.context.players)
  const close = () => {
    panel.value = undefined
  }
  return html`<nav class="host-bar" aria-label=${t('remote')}>
    <${Go} room=${room} />
    <div class="host-tools">
      <${ClockTools} room=${room} />
      <button type="button" class="small narrow-only" onClick=${() => (panel.value = 'players')}>
        <${Icon} name="people" /><span class="tool-word">${t('players')}</span>
        <span class="number">${people.length}</span>
      </button>
      ${
        sceneOf(room.snapshot.value) !== 'lobby' &&
        html`<button type="button" class="small" onClick=${() => (panel.value = 'invite')}>
        <${Icon} name="invite" /><span class="tool-word">${t('invite')}</span>
      </button>`
      }
    </div>
    ${
      panel.value === 'players' &&
      html`<${Dialog} title=${t('playersCount', { n: people.length })} onClose=${close}><${Roster} room=${room} /><//>`
    }
    ${
      panel.value === 'invite' &&
      html`<${Dialog} title=${t('invite')} onClose=${close} wide><${Invitation} place=${room.place} /><//>`
    }
  </nav>`
}

/**
 * The host's hand on the clock, where one runs or stands still.
 * @param {{ room: Room }} props
 */
function ClockTools({ room }) {
  const { deadline, paused } = room.snapshot.value.context
  const type = paused ? 'resume' : 'pause'
  const hold = usePress(() => room.send({ type }))
  const own = useRef(/** @type {HTMLButtonElement | null} */ (null))
  if (deadline === null && !paused) return null
  return html`
    <button ref=${own} type="button" class="small ${paused ? 'primary' : ''}" aria-disabled=${hold.busy} onClick=${hold.press}>
      <${Icon} name=${paused ? 'play' : 'pause'} /><span class="tool-word">${t(type)}</span>
    </button>
    ${sceneOf(room.snapshot.value) === 'open' && html`<${Extend} room=${room} heir=${own} />`}
  `
}

/**
 * When it goes with the focus on it, the next Enter must not be "next": its neighbour gets it.
 * @param {{ room: Room, heir: { current: HTMLElement | null } }} props
 */
function Extend({ room, heir }) {
  const { step } = room.snapshot.value.context
  const { busy, press } = usePress(() => room.send({ type: 'extend', step }))
  const own = useRef(/** @type {HTMLButtonElement | null} */ (null))
  useLayoutEffect(
    () => () => {
      if (own.current && own.current === document.activeElement) heir.current?.focus()
    },
    [heir],
  )
  return html`<button ref=${own} type="button" class="small" aria-disabled=${busy} onClick=${press}>
    ${t('extend')} <span class="visually-hidden">${t('extendWhat')}</span>
  </button>`
}

/** @param {{ room: Room }} props */
function Go({ room }) {
  const scene = sceneOf(room.snapshot.value)
  if (scene === 'lobby') return html`<${Start} room=${room} />`
  return scene === 'ranking' ? null : html`<${Next} room=${room} />`
}

/** @param {{ room: Room }} props */
function Start({ room }) {
  const own = useFocusHeir()
  const { total, missing } = readiness(peopleByName(room.snapshot.value.context.players))
  const { busy, press } = usePress(() => room.send({ type: 'start' }))
  const note = !total
    ? t('startNobody')
    : missing
      ? t('startNotReady', { n: missing })
      : t('startReady')
  return html`<div ref=${own} class="go">
    <button type="button" class="primary big wide" aria-disabled=${busy || !total} onClick=${() => total && press()}
      aria-describedby="go-hint">${t(missing ? 'startAnyway' : 'start')}</button>
    <p class="hint" id="go-hint">${note}</p>
  </div>`
}

/** @param {{ room: Room }} props */
function Next({ room }) {
  const step = nextStep(room.snapshot.value)
  // A host who plays has a more important button just now.
  const isAnswering = sceneOf(room.snapshot.value) === 'open' && room.snapshot.value.context.plays
  const { busy, press } = usePress(() =>
    room.send({ type: 'skip', step: room.snapshot.value.context.step }),
  )
  useGoKeys(press)
  if (!step) return null
  return html`<div class="go">
    <button type="button" class="wide big ${isAnswering ? '' : 'primary'}"
      aria-disabled=${busy} onClick=${press} aria-describedby="go-hint" aria-keyshortcuts="Space Enter">
      ${t(step.action)}<${Icon} name="next" />
    </button>
    <p class="hint" id="go-hint">${t(step.hint)} <span class="keys"><kbd>Space</kbd> <kbd>Enter</kbd></span></p>
  </div>`
}

/**
 * Space and Enter go on, unless they belong to what has the focus.
 * @param {() => void} go
 */
function useGoKeys(go) {
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      if (event.key !== ' ' && event.key !== 'Enter') return
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return
      if (isTaken(event.target)) return
      event.preventDefault()
      go()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}

/** @param {EventTarget | null} target */
function isTaken(target) {
  const own = 'a, button, input, textarea, select, summary, dialog, [role="radio"]'
  return target instanceof Element && target.closest(own) !== null
}
