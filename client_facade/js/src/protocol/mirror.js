// @ts-check
/**
 * The client's copy of its document: where it stands, what fits on it, and what it lacks.
 *
 * A gap is never papered over: what does not fit is a conflict, and from then on only a whole
 * snapshot is taken. What the façade may see (`document`) moves only when a commit, a replay or
 * a snapshot is complete.
 */

import { PatchError } from './error.js'
import { keepIdentity } from './identity.js'
import { apply } from './patch.js'

/** @typedef {import('./message.d.ts').Document} Document */
/** @typedef {import('./message.d.ts').Position} Position */
/** @typedef {import('./message.d.ts').Resume} Resume */
/** @typedef {import('./message.d.ts').SnapshotPatch} SnapshotPatch */
/** @typedef {import('./message.d.ts').SnapshotUpdate} SnapshotUpdate */
/** @typedef {import('./message.d.ts').Welcome} Welcome */
/** @typedef {import('./notice.d.ts').Changed} Changed */
/** @typedef {import('./notice.d.ts').Conflict} Conflict */
/** @typedef {import('./notice.d.ts').ConflictReason} ConflictReason */

/**
 * Whether a whole snapshot is to come before anything else counts: no; the server will send one
 * by itself; it was asked for one.
 *
 * @typedef {'none' | 'expected' | 'asked'} Need
 */

const LIVE = '/live'

/** How far back a patch may be one that came twice; any other is of a layer not known here. */
const RECENT = 64

/**
 * A conflict as a notice.
 *
 * @param {ConflictReason} reason
 * @param {number | null} current
 * @param {number} next
 * @returns {Conflict}
 */
export function conflict(reason, current, next) {
  return { kind: 'conflict', reason, current, next }
}

/**
 * The mirrored document of one member.
 *
 * The `receive*` methods return the conflict that they found, or undefined. Any but a
 * `stale-message` means: ask for a snapshot now, once.
 */
export class Mirror {
  /** @type {Document | undefined} */
  document
  /** @type {Resume | undefined} */
  point
  /** @type {Document | undefined} */
  #working
  #member = ''
  /** The epoch and the version below which nothing may be taken. */
  #floor = { epoch: 0, version: 0 }
  /** @type {Need} */
  #need = 'expected'
  /** @type {Position | undefined} where the replay ends, while there is one */
  #until
  /** @type {number | undefined} the version whose shared half is still to come */
  #more
  /** @type {number | undefined} */
  #live

  /** The highest version of the room that the mirror has seen. */
  get version() {
    return this.#floor.version
  }

  /** Whether the mirror is at a complete commit, with nothing known to be missing. */
  get caughtUp() {
    return this.#need === 'none' && this.#until === undefined && this.#more === undefined
  }

  /** A new connection: nothing counts before its welcome. */
  begin() {
    this.#need = 'expected'
    this.#until = this.#more = this.#live = undefined
  }

  /**
   * Take the server's word on whether the mirror's position holds.
   *
   * @param {Welcome} welcome
   * @returns {Conflict | undefined}
   */
  receiveWelcome(welcome) {
    this.#member = welcome.member
    this.#need = 'expected'
    if (!welcome.resumed) {
      this.#floor = { epoch: welcome.epoch, version: 0 }
      return undefined
    }
    const { until } = welcome
    if (!this.point || !until || !isOfSameLayers(this.point, welcome)) {
      return this.#lost('missing-snapshot', null, until?.shared ?? 0)
    }
    this.#need = 'none'
    this.#until = until
    this.#endReplay(this.point)
    return undefined
  }

  /**
   * Take a whole document; it ends a replay, a pair and every gap.
   *
   * @param {SnapshotUpdate} update
   * @returns {Conflict | undefined}
   */
  receiveUpdate(update) {
    const { epoch, version, audience, shared, own } = update
    if (this.#isBelowFloor(update)) return conflict('stale-message', this.version, version)
    this.#working = keepIdentity(this.document, update.snapshot)
    this.point = { epoch, audience, member: this.#member, shared, own }
    this.#floor = { epoch, version }
    this.#live = update.live
    this.#need = 'none'
    this.#until = this.#more = undefined
    return undefined
  }

  /**
   * Apply a patch if it is the next one of its layer.
   *
   * @param {SnapshotPatch} patch
   * @returns {Conflict | undefined}
   */
  receivePatch(patch) {
    if (this.#need === 'asked') return undefined
    if (this.#need === 'expected' || !this.point) {
      return this.#lost('missing-snapshot', null, patch.seq)
    }
    return patch.layer === 'live' ? this.#receiveLive(patch) : this.#receiveNext(patch, this.point)
  }

  /**
   * Something came that cannot come within a replay or a pair: so its rest is lost.
   *
   * @returns {Conflict | undefined}
   */
  interrupt() {
    if (this.#need !== 'none' || !this.point || this.caughtUp) return undefined
    const current = this.point.shared
    return this.#lost('version-gap', current, this.#until?.shared ?? current + 1)
  }

  /**
   * Let the façade see what has come, if it is complete and new.
   *
   * @returns {Changed | undefined}
   */
  takeChange() {
    const previous = this.document
    const document = this.#working
    if (!this.caughtUp || document === undefined || document === previous) return undefined
    this.document = document
    return { kind: 'changed', previous, document }
  }

  /** @type {(patch: SnapshotPatch, point: Resume) => Conflict | undefined} */
  #receiveNext(patch, point) {
    const current = patch.layer === 'own' ? point.own : point.shared
    const behind = current - patch.seq
    if (behind >= 0 && behind < RECENT && patch.version <= this.version) {
      return conflict('stale-message', current, patch.seq)
    }
    if (this.#breaksPair(patch)) return this.interrupt()
    if (patch.seq !== current + 1) return this.#lost('version-gap', current, patch.seq)
    return this.#apply(patch, point, current)
  }

  /** @type {(patch: SnapshotPatch) => Conflict | undefined} */
  #receiveLive(patch) {
    const current = this.#live
    if (isWholeLive(patch) && this.caughtUp) return this.#applyLive(patch)
    if (current === undefined) return this.#lost('missing-snapshot', null, patch.seq)
    if (patch.seq <= current) return conflict('stale-message', current, patch.seq)
    if (patch.seq > current + 1 || !this.caughtUp) {
      return this.#lost('version-gap', current, patch.seq)
    }
    return this.#applyLive(patch)
  }

  /** @type {(patch: SnapshotPatch) => Conflict | undefined} */
  #applyLive(patch) {
    const changed = this.#changed(patch)
    if (changed === undefined) return this.#fail(this.#live ?? null, patch)
    // After a reconnect the layer comes whole; if it is as it was, nothing has changed.
    this.#working = keepIdentity(this.#working, changed)
    this.#live = patch.seq
    return undefined
  }

  /** @type {(patch: SnapshotPatch, point: Resume, current: number) => Conflict | undefined} */
  #apply(patch, point, current) {
    const changed = this.#changed(patch)
    if (changed === undefined) return this.#fail(current, patch)
    this.#working = changed
    this.point = { ...point, [patch.layer]: patch.seq }
    this.#more = patch.more ? patch.version : undefined
    this.#floor = { epoch: point.epoch, version: Math.max(this.version, patch.version) }
    this.#endReplay(this.point)
    return undefined
  }

  /**
   * The document after the patch; undefined if it does not apply.
   *
   * @type {(patch: SnapshotPatch) => Document | undefined}
   */
  #changed(patch) {
    try {
      return apply(this.#working, patch.operations)
    } catch (error) {
      if (error instanceof PatchError) return undefined
      throw error
    }
  }

  /** @type {(patch: SnapshotPatch) => boolean} */
  #breaksPair(patch) {
    if (this.#more === undefined) return false
    return patch.layer !== 'shared' || patch.version !== this.#more
  }

  /** @type {(update: SnapshotUpdate) => boolean} */
  #isBelowFloor({ epoch, version }) {
    const floor = this.#floor
    return epoch < floor.epoch || (epoch === floor.epoch && version < floor.version)
  }

  /** @type {(point: Resume) => void} */
  #endReplay(point) {
    const until = this.#until
    if (until && point.shared >= until.shared && point.own >= until.own) this.#until = undefined
  }

  /** @type {(current: number | null, patch: SnapshotPatch) => Conflict} */
  #fail(current, patch) {
    this.point = undefined // the mirror is not what its position says: do not resume from it
    return this.#lost('patch-apply-failed', current, patch.seq)
  }

  /** @type {(reason: ConflictReason, current: number | null, next: number) => Conflict} */
  #lost(reason, current, next) {
    this.#need = 'asked'
    return conflict(reason, current, next)
  }
}

/** @type {(patch: SnapshotPatch) => boolean} */
function isWholeLive({ operations }) {
  const first = operations[0]
  return first?.path === LIVE && (first.op === 'add' || first.op === 'replace')
}

/**
 * Whether the seqs of `point` count the same layers as the welcome's.
 *
 * @type {(point: Resume, welcome: Welcome) => boolean}
 */
function isOfSameLayers(point, { epoch, audience, member }) {
  return point.epoch === epoch && point.audience === audience && point.member === member
}
