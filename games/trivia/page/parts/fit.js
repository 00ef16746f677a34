// @ts-check
/**
 * Makes a scene fit into the window of the big screen, where nobody scrolls: its type is chosen by
 * the length of its texts (logic/fit.js), and what is too long even so is shrunk as a whole.
 */

import { useLayoutEffect, useRef } from 'preact/hooks'

/** From as designed to as small as the first rows can read. */
const STEPS = [1, 0.92, 0.85, 0.78, 0.71, 0.64, 0.57, 0.5, 0.44, 0.38]

/**
 * The ref of an element whose content is shrunk until it fits.
 * @param {boolean} wanted
 */
export function useFit(wanted) {
  const own = useRef(/** @type {HTMLElement | null} */ (null))
  useLayoutEffect(() => {
    if (wanted && own.current) fit(own.current)
  })
  useLayoutEffect(() => {
    if (!wanted) return undefined
    const again = () => {
      if (own.current) fit(own.current)
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

/** @param {HTMLElement} element */
function fit(element) {
  for (const step of STEPS) {
    element.style.setProperty('--fit', `${step}`)
    if (element.scrollHeight <= element.clientHeight + 1) return
  }
}
