// @ts-check
/** What is told in passing: notices that are seen for a while, and words for screen readers. */

import { signal } from '@preact/signals'

/** How long a notice stays: time to read two lines twice. */
const SHOWN_MS = 8_000

/** @typedef {{ id: number, text: string }} Notice */

export function createNotices() {
  /** @type {import('@preact/signals').Signal<readonly Notice[]>} */
  const shown = signal([])
  const spoken = signal('')
  let count = 0

  /** @param {number} id */
  const dismiss = (id) => {
    shown.value = shown.value.filter((each) => each.id !== id)
  }

  return {
    shown,
    spoken,
    dismiss,
    /** @param {string} text told to everybody */
    tell(text) {
      count += 1
      const notice = { id: count, text }
      shown.value = [...shown.value.filter((each) => each.text !== text), notice]
      setTimeout(dismiss, SHOWN_MS, notice.id)
    },
    /** @param {string} text what is not true any more */
    withdraw(text) {
      shown.value = shown.value.filter((each) => each.text !== text)
    },
    /** @param {string} text told to screen readers, politely */
    announce(text) {
      spoken.value = text
    },
  }
}

/** @typedef {ReturnType<typeof createNotices>} Notices */
