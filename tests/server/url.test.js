// @ts-check
/** Where an address may break. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partsOf } from '../../machine_party/server/pages/static/page/url.js'

test('an address breaks after a slash, and not between two', () => {
  assert.deepEqual(partsOf('http://a:8000/parties/trivia/k7m2xw'), [
    'http://',
    'a:8000/',
    'parties/',
    'trivia/',
    'k7m2xw',
  ])
  assert.deepEqual(partsOf('http://a:8000/'), ['http://', 'a:8000/'])
})
