// @ts-check
/**
 * The time that is left, as a ring and as seconds.
 *
 * The ring is one CSS animation that starts as far in as the wait is (no script runs per frame);
 * the number changes once a second. Both follow the room's clock.
 */

import { useEffect, useRef, useState } from 'preact/hooks'
import { html } from '../html.js'
import { elapsed, isAnnounced, isUrgent, nextChange, secondsLeft } from '../logic/time.js'
import { t } from '../strings.js'

/** @typedef {import('../model/room.js').Room} Room */
/** @typedef {{ room: Room, deadline: number, duration: number }} Wait */

/** A circle's length, so that the ring counts in percent. */
const WHOLE = 100

/**
 * @param {{ room: Room, size?: 'small' | 'huge', urgent?: boolean, announced?: boolean }} props
 *   urgent: the last seconds matter; announced: to screen readers, too
 */
export function Timer({ room, size = 'small', urgent = false, announced = false }) {
  const wait = waitOf(room)
  if (!wait) return null
  return html`<${Clock} key=${wait.deadline} wait=${wait} size=${size} urgent=${urgent}
    announced=${announced} />`
}

/**
 * A bar instead of a ring: for waits that nobody has to hurry for.
 * @param {{ room: Room }} props
 */
export function WaitBar({ room }) {
  const wait = waitOf(room)
  return wait ? html`<${Bar} key=${wait.deadline} wait=${wait} />` : null
}

/** @param {{ wait: Wait, size: string, urgent: boolean, announced: boolean }} props */
function Clock({ wait, size, urgent, announced }) {
  const seconds = useSeconds(wait)
  const wakes = useWakes()
  useTimeAnnouncement(wait.room, seconds, announced)
  const label = seconds ? t('secondsLeft', { n: seconds }) : t('timeIsUp')
  return html`<div class="timer" data-size=${size} data-urgent=${urgent && isUrgent(seconds)} role="img" aria-label=${label}>
    <svg viewBox="0 0 100 100" aria-hidden="true">
      <circle class="timer-track" cx="50" cy="50" r="44" />
      <${Ring} key=${wakes} wait=${wait} />
    </svg>
    <span class="timer-seconds number" aria-hidden="true">${seconds}</span>
  </div>`
}

/**
 * Where motion is not wanted, the ring stands at `--gone`, which goes on with the seconds.
 * @param {{ wait: Wait }} props
 */
function Ring({ wait }) {
  const [style] = useState(() => running(wait))
  const gone = (goneOf(wait) / wait.duration) * WHOLE
  return html`<circle class="timer-ring" cx="50" cy="50" r="44" pathLength=${WHOLE}
    style=${{ ...style, '--gone': `${gone}` }} />`
}

/** @param {{ wait: Wait }} props */
function Bar({ wait }) {
  const [style] = useState(() => running(wait))
  return html`<div class="wait-bar" aria-hidden="true"><div style=${style}></div></div>`
}

/**
 * @param {Room} room
 * @returns {Wait | undefined}
 */
function waitOf(room) {
  const { deadline, duration } = room.snapshot.value.context
  return deadline === null || duration === null ? undefined : { room, deadline, duration }
}

/** @param {Wait} wait */
function goneOf({ room, deadline, duration }) {
  return elapsed(deadline, duration, room.now())
}

/**
 * An animation that began when the wait began.
 * @param {Wait} wait
 */
function running(wait) {
  return { animationDuration: `${wait.duration}ms`, animationDelay: `-${goneOf(wait)}ms` }
}

/**
 * Whole seconds that are left; drawn again when they change.
 * @param {Wait} wait
 */
function useSeconds({ room, deadline, duration }) {
  const [, redraw] = useState(0)
  useEffect(() => {
    const change = nextChange(deadline, room.now())
    if (change === undefined) return undefined
    // A little later: a timer that is early would draw the same second again.
    const timer = setTimeout(() => redraw((count) => count + 1), change + 5)
    return () => clearTimeout(timer)
  })
  return secondsLeft(deadline, duration, room.now())
}

/** How often the page has come back into view, where animations may have stood still. */
function useWakes() {
  const [wakes, setWakes] = useState(0)
  useEffect(() => {
    const onChange = () => {
      if (document.visibilityState === 'visible') setWakes((count) => count + 1)
    }
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [])
  return wakes
}

/**
 * At the opening, at ten and at five seconds: not every second.
 * @param {Room} room
 * @param {number} seconds
 * @param {boolean} wanted
 */
function useTimeAnnouncement(room, seconds, wanted) {
  const before = useRef(/** @type {number | undefined} */ (undefined))
  useEffect(() => {
    if (wanted && isAnnounced(before.current, seconds)) {
      room.notices.announce(t('secondsLeft', { n: seconds }))
    }
    before.current = seconds
  }, [room, seconds, wanted])
}
