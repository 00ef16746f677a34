// @ts-check
/**
 * When to look after the connection because the page, the network or the computer came back, or
 * because somebody is using the page.
 *
 * Timers cannot tell in time: those of a page in the background are slowed down or stopped. What
 * must not be here: what is done then (connection.js).
 */

/** Milliseconds between looks at the clock. Quick enough for somebody who opens a laptop. */
const LOOK = 5_000
/** Milliseconds by which a look may be late. Beyond it, the computer slept, or was told the time. */
const LATE = 3_000

/**
 * Calls `woken` when the page is shown (again) or the network is back, when the clock has jumped,
 * and at each press of a key or a button.
 *
 * @param {(reason: 'page' | 'clock' | 'press') => void} woken
 * @returns {() => void} ends it
 */
export function watchWakes(woken) {
  const page = new AbortController()
  listen(globalThis.document, 'visibilitychange', page.signal, () => {
    if (globalThis.document.visibilityState === 'visible') woken('page')
  })
  listen(globalThis, 'pageshow', page.signal, () => woken('page'))
  listen(globalThis, 'online', page.signal, () => woken('page'))
  listen(globalThis, 'pointerdown', page.signal, () => woken('press'))
  listen(globalThis, 'keydown', page.signal, () => woken('press'))
  const stopClock = watchClock(() => woken('clock'))
  return () => {
    page.abort()
    stopClock()
  }
}

/** In Node there is neither a document nor a global that one could listen to. */
function listen(
  /** @type {EventTarget | undefined} */ target,
  /** @type {string} */ type,
  /** @type {AbortSignal} */ signal,
  /** @type {() => void} */ listener,
) {
  target?.addEventListener?.(type, listener, { signal })
}

/** @type {(jumped: () => void) => () => void} */
function watchClock(jumped) {
  let expected = Date.now() + LOOK
  const timer = setInterval(() => {
    const off = Date.now() - expected
    expected = Date.now() + LOOK
    if (Math.abs(off) > LATE) jumped()
  }, LOOK)
  return () => clearInterval(timer)
}
