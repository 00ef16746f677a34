// @ts-check
/** What the pages of parties share: `@machine-party/page`. It has no words of its own. */

/** @typedef {import('./address.js').Words} Words */

export { Address, Broken } from './address.js'
export { html } from './html.js'
export { useLate } from './late.js'
export { rest, resting } from './rest.js'
