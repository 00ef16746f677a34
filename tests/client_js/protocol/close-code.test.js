/** What a client does after a close, by the table in `docs/protocol.md`. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { reconnectAfter } from '../../../client_facade/js/src/protocol/close-code.js'

const DOCUMENT = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const THEN = {
  'do not reconnect unchanged': 'never',
  'reconnect after at least 1 second, with backoff': 'later',
  'reconnect and resume; only the first delay is jittered': 'now',
}
const ROWS = [...DOCUMENT.matchAll(/^\| (\d{4}) \| .* \| (.*) \|$/gm)]

test('each code does what the documentation says', () => {
  assert.equal(ROWS.length, 25)
  for (const [, code, then] of ROWS) {
    assert.equal(reconnectAfter(Number(code)), THEN[/** @type {keyof typeof THEN} */ (then)], code)
  }
})

test('a code that has no row goes by its range', () => {
  const codes = [1006, 1005, 0, 3000, 3999, 4000, 4099, 4100, 4199, 4200, 4299, 4300, 4999]
  const never = new Set([4000, 4099])
  const later = new Set([4100, 4199])
  for (const code of codes) {
    const expected = never.has(code) ? 'never' : later.has(code) ? 'later' : 'now'
    assert.equal(reconnectAfter(code), expected, String(code))
  }
})
