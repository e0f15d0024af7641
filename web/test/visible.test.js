import assert from 'node:assert/strict'
import test from 'node:test'
import { visible, visibleJSON } from '../lab/visible.js'

test('characters that have effects on a page are escaped, in keys as well', () => {
  const hostile = { 'a\u202e': ['\x1b[2J', 7, null, 'a\tb\n'] }
  assert.deepEqual(visible(hostile), { 'a\\u202e': ['\\u001b[2J', 7, null, 'a\tb\n'] })
})

test('they are escaped however JSON writes them', () => {
  const escape = c => '\\u' + c.charCodeAt().toString(16).padStart(4, '0')
  for (const text of ['a\u202eb', 'a\x07b', 'a\bb', 'a\fb', 'a\rb', 'a\x7fb']) {
    for (const json of [JSON.stringify([text]), `["${text.replace(/[^ab]/, escape)}"]`]) {
      assert.deepEqual(visibleJSON(json), visible([text]), json)
    }
  }
  assert.deepEqual(visibleJSON('{"a\\b": [1, "\\\\u"]}'), { 'a\\u0008': [1, '\\u'] })
  assert.deepEqual(visibleJSON('{"é": ["→", 7]}'), { é: ['→', 7] })
})
