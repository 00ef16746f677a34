// @ts-check
/** After a press, buttons rest: the second of two quick ones was meant for what stood there before. */

import { signal } from '@preact/signals'

/** Milliseconds by which the second of two quick presses comes. */
const REST_MS = 350

/** Whether buttons rest: those of the page, as another one may be under the finger now. */
export const resting = signal(false)

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/** They rest from now on, for a moment. */
export function rest() {
  clearTimeout(timer)
  resting.value = true
  timer = setTimeout(() => {
    resting.value = false
  }, REST_MS)
}
