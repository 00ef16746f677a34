// @ts-check
/** Templates: `html` makes Preact's elements from tagged templates. */

import htm from 'htm'
import { h } from 'preact'

/**
 * htm's types are those of a CommonJS module, whatever it is.
 * @type {{ bind(make: typeof h): unknown }}
 */
const templates = /** @type {never} */ (htm)

/** @type {(strings: TemplateStringsArray, ...values: unknown[]) => import('preact').VNode} */
export const html = /** @type {never} */ (templates.bind(h))
