// @ts-check
/**
 * A façade over a snapshot from anywhere: a page that polls, a test, a saved document.
 *
 * The shape is that of the well-known `createActorFacade` for XState snapshots over the wire.
 * What must not be here: connections (facade.js).
 *
 * @import { ActorFacade, ActorFacadeClient, AnyParty, ChildTarget, Document, Party, Snapshot } from '../index.js'
 */
import { createSnapshot } from './snapshot.js'

/**
 * A façade over any snapshot, without a connection.
 *
 * @template {Party} [P=AnyParty]
 * @template [R=void]
 * @param {Snapshot<P> | Document} snapshot
 * @param {ActorFacadeClient<R>} client
 * @returns {ActorFacade<P, R>}
 */
export function createActorFacade(snapshot, client) {
  /** @type {Snapshot<P>} */
  const whole = isSnapshot(snapshot) ? snapshot : createSnapshot(structuredClone(snapshot))
  const send = (/** @type {any} */ event) => client.send(event)
  return {
    ...whole,
    _userId: client.id,
    snapshot: whole,
    getSnapshot: () => whole,
    send,
    sendTo: (target, event) =>
      send({ type: 'party.sendTo', actorId: childId(target, whole), event }),
  }
}

/**
 * The id that `target` stands for.
 *
 * @template {Party} P
 * @param {ChildTarget<P>} target
 * @param {Snapshot<P>} snapshot what a selector is asked about
 * @returns {string}
 * @throws {TypeError} if it stands for none
 */
export function childId(target, snapshot) {
  const picked = typeof target === 'function' ? target(snapshot) : target
  const id = typeof picked === 'string' ? picked : picked?.id
  if (typeof id === 'string') return id
  throw new TypeError('sendTo: there is no such child machine; check `snapshot.children` first')
}

/**
 * @template {Party} P
 * @param {Snapshot<P> | Document} snapshot
 * @returns {snapshot is Snapshot<P>}
 */
function isSnapshot(snapshot) {
  return 'matches' in snapshot
}
