// @ts-check
/** A dialog over the page. The browser keeps the focus inside, and gives it back. */

import { useEffect, useRef } from 'preact/hooks'
import { html } from '../html.js'
import { t } from '../strings.js'
import { Icon } from './icon.js'

/**
 * @param {import('preact').RenderableProps<{ title: string, onClose: () => void, wide?: boolean }>} props
 */
export function Dialog({ title, onClose, wide = false, children }) {
  const own = useRef(/** @type {HTMLDialogElement | null} */ (null))
  useEffect(() => {
    const dialog = own.current
    if (dialog && !dialog.open) dialog.showModal()
  }, [])
  return html`<dialog ref=${own} class="stack ${wide ? 'wide-dialog' : ''}" onClose=${onClose} aria-labelledby="dialog-title">
    <div class="dialog-head">
      <h2 id="dialog-title" dir="auto">${title}</h2>
      <button type="button" class="ghost icon-only" onClick=${() => own.current?.close()}>
        <${Icon} name="cross" /><span class="visually-hidden">${t('close')}</span>
      </button>
    </div>
    ${children}
  </dialog>`
}
