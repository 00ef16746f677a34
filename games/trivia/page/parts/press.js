// @ts-check
/** A press of a button that sends something: once, however quickly it is pressed again. */

import { useSignal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'

/** The second of two quick presses comes by then, and was meant for what stood there before. */
const REST_MS = 350

/** When the last press was: of the page, as another button may stand under the finger by now. */
let pressed = Number.NEGATIVE_INFINITY

/**
 * `press` does `action`, unless it is still at it, or somebody has just pressed.
 * @param {() => Promise<unknown>} action
 */
export function usePress(action) {
  const acting = useSignal(false)
  const resting = useSignal(restLeft() > 0)
  useLayoutEffect(() => {
    const timer = rest(resting)
    return () => clearTimeout(timer)
  }, [resting])
  const press = async () => {
    if (acting.value || restLeft() > 0) return
    acting.value = true
    pressed = performance.now()
    rest(resting)
    await action()
    acting.value = false
  }
  return { busy: acting.value || resting.value, press }
}

/** @param {import('@preact/signals').Signal<boolean>} resting is true until the rest is over */
function rest(resting) {
  resting.value = restLeft() > 0
  return setTimeout(() => {
    resting.value = false
  }, restLeft())
}

/** Milliseconds. */
function restLeft() {
  return Math.max(0, pressed + REST_MS - performance.now())
}
