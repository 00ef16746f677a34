// @ts-check
/** What is worth a word only once it has lasted. */

import { useEffect, useState } from 'preact/hooks'

/**
 * `value`, but true only once it has been so for `delay` milliseconds.
 * @param {boolean} value
 * @param {number} delay
 */
export function useLate(value, delay) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!value) return setLate(false)
    const timer = setTimeout(setLate, delay, true)
    return () => clearTimeout(timer)
  }, [value, delay])
  return value && late
}
