// @ts-check
/** A dialog over the page. The browser keeps the focus inside, and gives it back. */

import { html } from '@machine-party/page'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../strings.js'
import { Icon } from './icon.js'

/**
 * @param {import('preact').RenderableProps<{ title: string, onClose: () => void, wide?: boolean }>} props
 */
export function Dialog({ title, onClose, wide = false, children }) {
  const own = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const titleId = useId()
  useLayoutEffect(() => {
    const dialog = own.current
    dialog?.showModal()
    // One that is only taken out of the page would take the focus with it.
    return () => dialog?.close()
  }, [])
  return html`<dialog ref=${own} class="stack ${wide ? 'wide-dialog' : ''}" onClose=${onClose} aria-labelledby=${titleId}>
    <div class="dialog-head">
      <h2 id=${titleId} dir="auto">${title}</h2>
      <button type="button" class="ghost icon-only" onClick=${() => own.current?.close()}>
        <${Icon} name="cross" /><span class="visually-hidden">${t('close')}</span>
      </button>
    </div>
    ${children}
  </dialog>`
}
