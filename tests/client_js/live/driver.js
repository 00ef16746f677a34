// @ts-check
/**
 * A façade in a Node process, led by another program: tests/integration/test_js_client.py.
 *
 * Arguments: the room's address, and connect's options as JSON. Each line on stdin is a call,
 * `{ id, call, with }`; each line on stdout is `{ id, result }`, `{ id, error }` or `{ told }`.
 * After `dispose`, or when stdin ends, the process has to end by itself.
 */
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { connect } from '../../../client_facade/js/index.js'

const [url = '', options = '{}'] = process.argv.slice(2)
const room = connect(url, { ...JSON.parse(options), WebSocket })
const lines = createInterface({ input: process.stdin })

/** @type {Record<string, (argument: any) => unknown>} */
const calls = {
  ready: () => room.ready.then(() => room.member),
  show: () => ({ ...room.snapshot.document, connection: room.connection, token: room.token }),
  send: (event) => room.send(event),
  // Resolves once what is shown equals what is expected, at each of these paths.
  until: (/** @type {Record<string, unknown>} */ expected) =>
    room
      .waitFor(
        (snapshot) =>
          Object.entries(expected).every(
            ([path, value]) =>
              JSON.stringify(at(snapshot.document, path)) === JSON.stringify(value),
          ),
        { timeout: 10_000 },
      )
      .then((snapshot) => snapshot.document),
  serverNow: () => room.serverNow(),
  closed: () => room.waitFor(() => false).catch((error) => ({ ...error, name: error.name })),
  dispose: () => {
    lines.close()
    process.stdin.destroy()
    room.dispose()
  },
}

room.onConnection((state) => say({ told: state }))
room.onConflict(({ reason }) => say({ told: reason }))

lines.on('line', async (line) => {
  const { id, call, with: argument } = JSON.parse(line)
  try {
    say({ id, result: await calls[call]?.(argument) })
  } catch (error) {
    say({ id, error: String(error) })
  }
})
lines.on('close', () => room.dispose())

/** @type {(document: any, path: string) => unknown} */
function at(document, path) {
  return path.split('.').reduce((part, key) => part?.[key], document)
}

/** @param {unknown} message */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
