// @ts-check
/** A link to another way to look at the same payment. */

import { html } from '@machine-party/page'
import { roomPath } from '../model/place.js'

/**
 * @param {import('preact').RenderableProps<{ entry: import('../model/entry.js').Entry,
 *   view: import('../types.js').View }>} props
 */
export function ViewLink({ entry, view, children }) {
  const href = `${roomPath(entry.place)}?view=${view}${location.hash}`
  /** @param {MouseEvent} event */
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    entry.look(view, href)
  }
  const current = entry.view.value === view ? 'page' : undefined
  return html`<a href=${href} onClick=${go} aria-current=${current}>${children}</a>`
}
