// @ts-check
/**
 * What the protocol throws. All of it is listed here; nothing else leaves the protocol.
 */

/** @typedef {import('./message.d.ts').Operation} Operation */

/** Too many sends wait for their receipts. Wait for some before sending more. */
export class QueueFull extends Error {
  /** @param {number} limit how many may wait */
  constructor(limit) {
    super(`${limit} sends wait for their receipts; wait for some before sending more`)
    this.name = 'QueueFull'
    this.limit = limit
  }
}

/** What was received is not a message of the protocol. */
export class MalformedMessage extends Error {
  /**
   * @param {string} reason one sentence: what is wrong and what is allowed
   * @param {string} [path] where in the message, as a JSON path (`$.event`)
   */
  constructor(reason, path = '$') {
    super(`bad_request at ${path}: ${reason}`)
    this.name = 'MalformedMessage'
    this.code = 'bad_request'
    this.reason = reason
    this.path = path
  }
}

/** A patch does not apply. The document is as it was. */
export class PatchError extends Error {
  /**
   * @param {number} index which operation, from 0
   * @param {Operation} operation that operation
   * @param {string} reason what is wrong with it
   */
  constructor(index, operation, reason) {
    super(`operation ${index} (${operation.op} "${operation.path}"): ${reason}`)
    this.name = 'PatchError'
    this.index = index
    this.operation = operation
    this.reason = reason
  }
}
