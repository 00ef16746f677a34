// @ts-check
/** What ties the package's parts together: its exports, its README's types, its declarations. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as whole from '../../client_facade/js/index.js'
import * as built from '../../client_facade/js/src/public.js'

const PACKAGE = new URL('../../client_facade/js/', import.meta.url)
const text = (/** @type {string} */ file) => readFileSync(new URL(file, PACKAGE), 'utf8')

test('index.js passes on what types.ts has compared with index.d.ts', () => {
  assert.deepEqual({ ...whole }, { ...built })
  const declared = text('index.d.ts').matchAll(/^export (?:class|function) (\w+)/gm)
  assert.deepEqual([...declared].map(([, name]) => name).sort(), Object.keys(whole).sort())
})

test("the README's types are checked", () => {
  const [, block = ''] = text('README.md').match(/^```ts\n(.*?)^```/ms) ?? []
  const example = block.replaceAll("'@machine-party/client'", "'../../client_facade/js/index.js'")
  const checked = readFileSync(new URL('readme-types.ts', import.meta.url), 'utf8')
  assert(block.includes('connect<Counter>'))
  assert(checked.includes(example), 'tests/client_js/readme-types.ts has another example')
})
