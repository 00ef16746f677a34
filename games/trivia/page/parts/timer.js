// @ts-check
/**
 * The time that is left, as a ring and as seconds.
 *
 * The ring is one CSS animation that starts as far in as the wait is (no script runs per frame);
 * the number changes once a second. Both follow the room's clock, and stand still with it. While the
 * room cannot be reached, nobody knows whether its clock runs: then there is no number.
 */

import { html } from '@machine-party/page'
import { useEffect, useRef, useState } from 'preact/hooks'
import { elapsed, isAnnounced, isUrgent, nextChange, secondsLeft } from '../logic/time.js'
import { t } from '../strings.js'
import { useIsAway } from './notices.js'

/** @typedef {import('../model/room.js').Room} Room */
/** @typedef {{ room: Room, deadline: number, duration: number }} Wait */

/** A circle's length, so that the ring counts in percent. */
const WHOLE = 100

/** @typedef {{ duration: number, left: number | undefined }} Halt  left: undefined if unknown */

/**
 * @param {{ room: Room, size?: 'small' | 'huge', urgent?: boolean, announced?: boolean }} props
 *   urgent: the last seconds matter; announced: to screen readers, too
 */
export function Timer({ room, size = 'small', urgent = false, announced = false }) {
  const wait = waitOf(room)
  const halt = useHalt(room)
  useExtension(room, announced)
  if (halt) return html`<${Halted} halt=${halt} size=${size} />`
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
  const halt = useHalt(room)
  if (halt?.left !== undefined) return html`<${Bar} key="halted" style=${halted(halt)} />`
  return wait && !halt ? html`<${RunningBar} key=${wait.deadline} wait=${wait} />` : null
}

/** @param {{ halt: Halt, size: string }} props */
function Halted({ halt, size }) {
  const { left, duration } = halt
  const seconds = left === undefined ? undefined : secondsLeft(left, duration, 0)
  const gone = left === undefined ? 0 : (1 - left / duration) * WHOLE
  const label = seconds === undefined ? t('timeUnknown') : t('secondsLeft', { n: seconds })
  return html`<div class="timer" data-size=${size} data-still="true" role="img" aria-label=${label}>
    <svg viewBox="0 0 100 100" aria-hidden="true">
      <circle class="timer-track" cx="50" cy="50" r="44" />
      <circle class="timer-ring" cx="50" cy="50" r="44" pathLength=${WHOLE} style=${{ '--gone': `${gone}` }} />
    </svg>
    <span class="timer-seconds number" aria-hidden="true">${seconds}</span>
  </div>`
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
function RunningBar({ wait }) {
  const [style] = useState(() => running(wait))
  return html`<${Bar} style=${style} />`
}

/** @param {{ style: { [property: string]: string } }} props */
function Bar({ style }) {
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

/**
 * That the clock stands still, or may do so.
 * @param {Room} room
 * @returns {Halt | undefined}
 */
function useHalt(room) {
  const isAway = useIsAway(room)
  const { left, duration } = room.snapshot.value.context
  if (duration === null) return undefined
  if (isAway) return { duration, left: undefined }
  return left === null ? undefined : { duration, left }
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
 * An animation that stands where the wait does.
 * @param {Halt} halt
 */
function halted({ duration, left = 0 }) {
  return {
    animationDuration: `${duration}ms`,
    animationDelay: `-${duration - left}ms`,
    animationPlayState: 'paused',
  }
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

/**
 * That there is more time than before. Told with what is left: a clock that is shown anew has just
 * told that alone.
 * @param {Room} room
 * @param {boolean} wanted
 */
function useExtension(room, wanted) {
  const { step, deadline, duration, left } = room.snapshot.value.context
  const before = useRef({ step, duration })
  useEffect(() => {
    const more = before.current.step === step ? (duration ?? 0) - (before.current.duration ?? 0) : 0
    before.current = { step, duration }
    if (!wanted || more <= 0 || duration === null) return
    const n =
      left === null
        ? secondsLeft(deadline ?? 0, duration, room.now())
        : secondsLeft(left, duration, 0)
    room.notices.announce(`${t('moreTime', { n: more / 1000 })} ${t('secondsLeft', { n })}`)
  }, [room, wanted, step, deadline, duration, left])
}
