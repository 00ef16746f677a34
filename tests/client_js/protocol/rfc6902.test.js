/** `apply` against the public test suite of RFC 6902. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { PatchError } from '../../../client_facade/js/src/protocol/error.js'
import { apply } from '../../../client_facade/js/src/protocol/patch.js'

const OURS = new URL('../../protocol/rfc6902/', import.meta.url)
const PACKAGE = new URL('../../../node_modules/json-patch-test-suite/', import.meta.url)
const FILES = ['spec_tests.json', 'tests.json']

/** @type {{ doc: any, patch: any[], expected?: any, error?: string, comment?: string, disabled?: boolean }[]} */
const CASES = FILES.flatMap((file) => JSON.parse(readFileSync(new URL(file, OURS), 'utf8')))

// Of the four that the suite itself disables, two ask to refuse a key that comes twice. A parser
// hands on only one of the two.
const ENABLED = CASES.filter(({ disabled }) => !disabled)

for (const { doc, patch, comment, error, ...rest } of ENABLED) {
  test(`${comment ?? error ?? JSON.stringify(patch)}`, () => {
    const before = structuredClone(doc)

    if (error) assert.throws(() => apply(doc, patch), PatchError)
    else {
      const result = apply(doc, patch)
      // Where nothing is expected, it is that the patch applies.
      if ('expected' in rest) assert.deepEqual(result, rest.expected)
    }
    assert.deepEqual(doc, before)
  })
}

test('the suite is whole', () => {
  assert.equal(CASES.length, 95)
  assert.equal(ENABLED.length, 91)
  assert.equal(ENABLED.filter(({ error }) => error).length, 23)
})

for (const file of FILES) {
  test(`our copy of ${file} is that of the package`, () => {
    const text = (/** @type {URL} */ folder) => readFileSync(new URL(file, folder), 'utf8')

    assert.equal(text(OURS), text(PACKAGE))
  })
}
