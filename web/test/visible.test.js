import assert from 'node:assert/strict'
import test from 'node:test'
import { visible } from '../lab/visible.js'

test('characters that have effects on a page are escaped, in keys as well', () => {
  const hostile = { 'a\u202e': ['\x1b[2J', 7, null, 'a\tb\n'] }
  assert.deepEqual(visible(hostile), { 'a\\u202e': ['\\u001b[2J', 7, null, 'a\tb\n'] })
})
