// @ts-check
/** The server's HTTP side, as this page asks it. */

/** Milliseconds until a request counts as lost. */
const PATIENCE = 10_000

/** An answer that is an error: its code, its reason, and whether it may be asked again. */
export class Failure extends Error {
  /** @param {{ code?: string, reason?: string, temporary?: boolean, retry_after?: number } | undefined} error */
  constructor(error) {
    super(error?.reason ?? '')
    this.code = error?.code ?? 'error'
    this.temporary = error?.temporary ?? false
    /** Milliseconds. */
    this.wait = (error?.retry_after ?? 1) * 1_000
  }
}

/**
 * @param {typeof fetch} request
 * @param {string} path
 * @param {{ token?: string | undefined, body?: object, etag?: string | undefined }} options
 *   body: posts it; etag: of what is known already
 * @returns {Promise<Response>} of a 2xx, or 304
 * @throws {Failure} the server has refused. Anything else: it was not reached.
 */
export async function ask(request, path, { token, body, etag }) {
  const headers = {
    Accept: 'application/json',
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'Content-Type': 'application/json' } : {}),
    ...(etag ? { 'If-None-Match': etag } : {}),
  }
  const response = await request(path, {
    method: body ? 'POST' : 'GET',
    headers,
    signal: AbortSignal.timeout(PATIENCE),
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (response.ok || response.status === 304) return response
  throw new Failure((await response.json()).error)
}
