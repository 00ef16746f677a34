// @ts-check
/** Where the focus goes when what had it is gone: to the heading of what is shown instead. */

import { html } from '@machine-party/page'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Whether the next heading gets the focus. */
let wanted = false

/** What is shown now goes, and the focus with it. */
export function passFocus() {
  wanted = true
}

/**
 * @param {import('preact').RenderableProps<{ level?: 'h1' | 'h2', takes?: 'passed' | 'always' | 'never',
 *   id?: string, class?: string }>} props takes: which focus; that of the page, or one that is passed on
 */
export function Heading({ level = 'h1', takes = 'passed', children, ...rest }) {
  const own = useRef(/** @type {HTMLHeadingElement | null} */ (null))
  // biome-ignore lint/correctness/useExhaustiveDependencies: as it is shown
  useLayoutEffect(() => {
    if (takes === 'always' || (takes === 'passed' && wanted)) own.current?.focus()
    if (takes !== 'never') wanted = false
    return () => {
      if (own.current && own.current === document.activeElement) passFocus()
    }
  }, [])
  return html`<${level} ref=${own} tabindex="-1" ...${rest}>${children}<//>`
}
