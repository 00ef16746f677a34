// @ts-check
/** The check of the vendored files works without node_modules, and goes red. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLIENT = 'client_facade/js/vendor'
const COPIED = [CLIENT, 'machine_party/server/pages/vendor', 'tools', 'package-lock.json']

let copy = ''

before(() => {
  copy = mkdtempSync(join(tmpdir(), 'vendor-'))
  writeFileSync(join(copy, 'package.json'), '{"type": "module"}')
})

after(() => rmSync(copy, { recursive: true }))

/** @param {() => void} change @returns {{ status: number | null, said: string }} */
function checkAfter(change) {
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true })
  change()
  const done = spawnSync(process.execPath, [join(copy, 'tools/vendor.js'), '--check'])
  return { status: done.status, said: done.stderr.toString() }
}

test('what is in the repository passes, without node_modules', () => {
  assert.deepEqual(
    checkAfter(() => {}),
    { status: 0, said: '' },
  )
})

test('an edited file is found', () => {
  const { status, said } = checkAfter(() =>
    appendFileSync(join(copy, CLIENT, 'msgpack.js'), '// one more thing\n'),
  )

  assert.equal(status, 1)
  assert.match(said, /client_facade\/js\/vendor: msgpack\.js is missing or has been edited/)
})

test('a file without its licence is found', () => {
  const { status, said } = checkAfter(() => rmSync(join(copy, CLIENT, 'LICENSE-msgpack.txt')))

  assert.equal(status, 1)
  assert.match(said, /LICENSE-msgpack\.txt is missing/)
})

test('another version than the one that is pinned is found', () => {
  const lock = join(copy, 'package-lock.json')
  const { status, said } = checkAfter(() => {
    const pins = JSON.parse(readFileSync(lock, 'utf8'))
    pins.packages['node_modules/htm'].version = '0.0.1'
    writeFileSync(lock, JSON.stringify(pins))
  })

  assert.equal(status, 1)
  assert.match(said, /htm\.js is [\d.]+, package-lock\.json pins another version/)
})
