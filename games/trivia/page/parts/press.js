// @ts-check
/** A press of a button that sends something: once, however quickly it is pressed again. */

import { signal, useSignal } from '@preact/signals'

/** The second of two quick presses comes by then, and was meant for what stood there before. */
const REST_MS = 350

/** Whether somebody has just pressed: of the page, as another button may be under the finger now. */
const resting = signal(false)

/**
 * `press` does `action`, unless it is still at it, or somebody has just pressed.
 * @param {() => Promise<unknown>} action
 */
export function usePress(action) {
  const acting = useSignal(false)
  const press = async () => {
    if (acting.value || resting.value) return
    acting.value = resting.value = true
    setTimeout(() => {
      resting.value = false
    }, REST_MS)
    await action()
    acting.value = false
  }
  return { busy: acting.value || resting.value, press }
}
