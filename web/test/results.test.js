import assert from 'node:assert/strict'
import test from 'node:test'
import { gradeOf } from '../lab/grade.js'
import { visible } from '../lab/visible.js'

test('a guess is close within one, or within a quarter', () => {
  assert.equal(gradeOf(20, 20)[0], 'right')
  assert.equal(gradeOf(1, 0)[0], 'close')
  assert.equal(gradeOf(75, 100)[0], 'close')
  assert.deepEqual(gradeOf(74, 100), ['wrong', 'More than you thought.'])
  assert.deepEqual(gradeOf(126, 100), ['wrong', 'Fewer than you thought.'])
})

test('characters that have effects on a page are escaped, in keys as well', () => {
  const hostile = { 'a\u202e': ['\x1b[2J', 7, null, 'a\tb\n'] }
  assert.deepEqual(visible(hostile), { 'a\\u202e': ['\\u001b[2J', 7, null, 'a\tb\n'] })
})
