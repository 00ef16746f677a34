// @ts-check
/** What the device can do for the game: stay awake, fill the screen. */

import { html } from '@machine-party/page'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../strings.js'
import { Icon } from './icon.js'

/** Keeps the display on while the page is seen; browsers offer it on https only. */
export function useWakeLock() {
  useEffect(() => {
    /** @type {WakeLockSentinel | undefined} */
    let lock
    let over = false
    const take = async () => {
      if (document.visibilityState !== 'visible') return
      try {
        lock = await navigator.wakeLock?.request('screen')
        if (over) lock?.release()
      } catch {
        // A low battery forbids it. The quiz goes on; the display may sleep.
      }
    }
    take()
    document.addEventListener('visibilitychange', take)
    return () => {
      over = true
      document.removeEventListener('visibilitychange', take)
      lock?.release()
    }
  }, [])
}

export function FullScreen() {
  const [isFull, setFull] = useState(Boolean(document.fullscreenElement))
  useEffect(() => {
    const onChange = () => setFull(Boolean(document.fullscreenElement))
    document.addEventListener('fullscreenchange', onChange)
    return () => document.removeEventListener('fullscreenchange', onChange)
  }, [])
  if (!document.fullscreenEnabled) return null
  const toggle = () =>
    isFull ? document.exitFullscreen() : document.documentElement.requestFullscreen()
  return html`<button type="button" class="ghost full-screen" onClick=${toggle}>
    <${Icon} name="full" />${t(isFull ? 'leaveFullScreen' : 'fullScreen')}
  </button>`
}
