// @ts-check
/** A press of a button that sends something: once, however quickly it is pressed again. */

import { rest, resting } from '@machine-party/page'
import { useSignal } from '@preact/signals'

/**
 * `press` does `action`, unless it is still at it, or somebody has just pressed.
 * @param {() => Promise<unknown>} action
 */
export function usePress(action) {
  const acting = useSignal(false)
  const press = async () => {
    if (acting.value || resting.value) return
    acting.value = true
    rest()
    await action()
    acting.value = false
  }
  return { busy: acting.value || resting.value, press }
}
