// @ts-check
/**
 * Runs every example of the package's README against a real server, one after the other.
 *
 * Argument: the server's `host:port`. tests/integration/test_js_client.py starts both.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { transform } from 'esbuild'
// @ts-expect-error it has no types of its own, and needs none here
import { createElement } from 'react'
// @ts-expect-error as above
import TestRenderer from 'react-test-renderer'
import { WebSocket } from 'ws'
import { connect } from '../../../client_facade/js/index.js'

const PLACE = process.argv[2]
const PACKAGE = new URL('../../../client_facade/js/', import.meta.url)
const readme = readFileSync(new URL('README.md', PACKAGE), 'utf8')
const blocks = [...readme.matchAll(/^```(js|jsx)\n(.*?)^```/gms)].map(([, , code]) => code ?? '')
const [browser = '', node = '', react = '', polling = ''] = blocks
assert.equal(blocks.length, 4, 'an example without its check')

const url = `http://${PLACE}/parties/counter/lobby`
const watcher = connect(url, { WebSocket })
await watcher.ready

/** @type {{ textContent?: string, disabled?: boolean, onclick?: () => void }} */
const button = {}
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
Object.assign(globalThis, { WebSocket, location: new URL('/', url), document: page(button) })

// In a browser
await run(browser)
await until(() => button.textContent === '0')
assert.equal(button.disabled, false)
button.onclick?.()
await counted(2)

// In Node
await run(node)
await counted(3)

// With React
const { Counter } = await run(react)
/** @type {any} */
let tree
TestRenderer.act(() => {
  tree = TestRenderer.create(createElement(Counter))
})
await shown('3')
tree.root.findByType('button').props.onClick()
await shown('4')
TestRenderer.act(() => tree.unmount())

// Without a connection
/** @type {unknown[]} */
const posted = []
const { fetch } = globalThis
Object.assign(globalThis, {
  fetch: (/** @type {string} */ address, /** @type {RequestInit} */ init) =>
    address === '/events' ? posted.push(init.body) : fetch(address, init),
})
await run(polling)
assert.deepEqual(posted, ['{"type":"increment"}'])

process.exit(0) // two of the examples stay connected

/** Runs one example; its imports are those of this workspace. @param {string} code */
async function run(code) {
  const here = code
    .replaceAll('127.0.0.1:8000', String(PLACE))
    .replaceAll("'./client/index.js'", "'@machine-party/client'")
  const { code: plain } = await transform(here, { loader: 'jsx', jsx: 'automatic' })
  const whole = plain.replaceAll(
    /from "([^"]+)"/g,
    (_, name) => `from ${JSON.stringify(import.meta.resolve(name))}`,
  )
  return import(`data:text/javascript,${encodeURIComponent(whole)}`)
}

/** @param {object} button */
function page(button) {
  const document = new EventTarget()
  return Object.assign(document, { visibilityState: 'visible', querySelector: () => button })
}

/** @param {number} count */
function counted(count) {
  return watcher.waitFor((snapshot) => snapshot.context.count === count, { timeout: 5000 })
}

/** Waits until the button of the React example shows `text`. @param {string} text */
function shown(text) {
  return until(() => tree.root.findByType('button').children.join('') === text)
}

/** Waits until `condition` holds; fails after 5 s. @param {() => boolean} condition */
async function until(condition) {
  for (let n = 0; n < 500 && !condition(); n += 1) {
    await TestRenderer.act(() => new Promise((resolve) => setTimeout(resolve, 10)))
  }
  assert(condition(), `waited in vain until ${condition}`)
}
