// @ts-check
/**
 * Makes a scene fit into the window of the big screen, where nobody scrolls: its type is chosen by
 * the length of its texts (logic/fit.js), and what is too long even so is shrunk as a whole.
 */

import { useLayoutEffect, useRef } from 'preact/hooks'

/** From as designed to as small as the first rows can read. */
const STEPS = [1, 0.92, 0.85, 0.78, 0.71, 0.64, 0.57, 0.5, 0.44, 0.38]

/** So long the size of a scene stands, if it fits. */
const CALM_MS = 2_000

/** @typedef {{ scene: Element | null, since: number }} Fitting  which scene was fitted, and when */

/**
 * The ref of an element whose content is shrunk until it fits.
 * @param {boolean} wanted
 */
export function useFit(wanted) {
  const own = useRef(/** @type {HTMLElement | null} */ (null))
  const fitting = useRef(/** @type {Fitting} */ ({ scene: null, since: 0 }))
  useLayoutEffect(() => {
    if (wanted && own.current) fit(own.current, fitting.current)
  })
  useLayoutEffect(() => {
    if (!wanted) return undefined
    const again = () => {
      fitting.current.scene = null
      if (own.current) fit(own.current, fitting.current)
    }
    addEventListener('resize', again)
    document.fonts.addEventListener('loadingdone', again)
    return () => {
      removeEventListener('resize', again)
      document.fonts.removeEventListener('loadingdone', again)
    }
  }, [wanted])
  return own
}

/**
 * Each step is a layout of everything: so a scene that fits is left as it is, and tried larger
 * only once in a while (somebody may have gone).
 * @param {HTMLElement} element
 * @param {Fitting} fitting
 */
function fit(element, fitting) {
  const scene = element.firstElementChild
  const now = performance.now()
  if (fitting.scene === scene && now - fitting.since < CALM_MS && fits(element)) return
  fitting.scene = scene
  fitting.since = now
  for (const step of STEPS) {
    element.style.setProperty('--fit', `${step}`)
    if (fits(element)) return
  }
}

/** @param {HTMLElement} element */
function fits(element) {
  return element.scrollHeight <= element.clientHeight + 1
}
