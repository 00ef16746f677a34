// @ts-check
// The page of a room whose party has no page of its own: only the address has something to do.

import { copyOnClick, showAddress } from './address.js'
import { element } from './element.js'

const link = element('url', HTMLAnchorElement)
showAddress(link, link.textContent)
copyOnClick(element('copy', HTMLElement), link, element('copy-status', HTMLElement))
