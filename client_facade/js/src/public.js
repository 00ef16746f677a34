// @ts-check
/**
 * What the package exports. `index.js` passes it on: beside an `index.d.ts` the type checker does
 * not look into it, but here it compares this with the contract (tests/client_js/types.ts).
 */
export { createActorFacade } from './actor.js'
export { Closed } from './closed.js'
export { connect } from './connect.js'
export { QueueFull } from './protocol/error.js'
export { matches } from './protocol/state-value.js'
