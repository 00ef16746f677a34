// @ts-check
/** The package as npm would publish it: all that a page needs, and nothing else. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGE = join(ROOT, 'client_facade/js')

const BESIDE = ['LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json']

/** @param {string} folder @param {RegExp} wanted @returns {string[]} */
const below = (folder, wanted) =>
  readdirSync(join(PACKAGE, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter((file) => wanted.test(file))

/** @returns {string[]} */
function packed() {
  const command = ['pack', '--dry-run', '--json', '--ignore-scripts', '--silent']
  const output = execFileSync('npm', command, { cwd: PACKAGE, encoding: 'utf8' })
  const found = JSON.parse(output)
  const about = Array.isArray(found) ? found[0] : Object.values(found)[0] // npm 11 and before; later
  return about.files.map((/** @type {{ path: string }} */ file) => file.path)
}

test('the package has its modules, its types and the licences, and nothing else', () => {
  const modules = below('src', /\.(js|d\.ts)$/)
  const vendored = below('vendor', /\.(js|json|txt)$/)

  assert.deepEqual(packed().sort(), [...BESIDE, ...modules, ...vendored].sort())
})

test('the package depends on nothing, and has the licence of the project', () => {
  const { dependencies, license } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
  const text = (/** @type {string} */ folder) => readFileSync(join(folder, 'LICENSE'), 'utf8')

  assert.equal(dependencies, undefined)
  assert.equal(license, 'MIT')
  assert.equal(text(PACKAGE), text(ROOT))
})
