// @ts-check
/** What a façade throws when it is over. */

/** The façade is over and will not come back by itself. */
export class Closed extends Error {
  /**
   * @param {number} closeCode the WebSocket close code; 1000 when this side closed
   * @param {string} reason the sentence that came with it
   * @param {string} [code] the code of the `party.error` that announced it, if one did
   */
  constructor(closeCode, reason, code) {
    const name = code === undefined ? '' : ` ${code}`
    super(`the connection is closed (${closeCode}${name}): ${reason || 'no reason'}`)
    this.name = 'Closed'
    this.code = code ?? 'closed'
    this.closeCode = closeCode
    this.reason = reason
  }
}
