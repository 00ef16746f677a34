// @ts-check
/**
 * A scene's heading, and where the focus goes when what had it is gone: to the heading, and only
 * for those who were inside the scene (with the keyboard or a screen reader).
 */

import { html } from '@machine-party/page'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Whether the scene that has just gone took the focus with it. */
let focusWasInside = false

/** @param {import('preact').RenderableProps<{ class?: string, dir?: string, size?: string }>} props */
export function Heading({ children, ...rest }) {
  const own = useRef(/** @type {HTMLHeadingElement | null} */ (null))
  useLayoutEffect(() => {
    if (focusWasInside) own.current?.focus({ preventScroll: true })
    focusWasInside = false
    return () => {
      const scene = own.current?.closest('.scene')
      focusWasInside = Boolean(scene?.contains(document.activeElement))
    }
  }, [])
  return html`<h1 ref=${own} tabindex="-1" data-size=${rest.size} class=${rest.class} dir=${rest.dir}>
    ${children}
  </h1>`
}

/**
 * The ref of a part that goes away within a scene: if it has the focus then, the heading gets it.
 * @template {HTMLElement} E
 */
export function useFocusHeir() {
  const own = useRef(/** @type {E | null} */ (null))
  useLayoutEffect(
    () => () => {
      if (!own.current?.contains(document.activeElement)) return
      const heading = document.querySelector('.scene h1')
      if (heading instanceof HTMLElement) heading.focus({ preventScroll: true })
    },
    [],
  )
  return own
}
