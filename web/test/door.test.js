import assert from 'node:assert/strict'
import { test } from 'node:test'

import { wanted } from '../late/link.js'

test('a link to a moment names the block, its servers and the choices', () => {
  assert.deepEqual(wanted('#step=one-slow&servers=select,epoll/edge&take=c1.a1.t1'),
    { name: 'one-slow', asked: ['select', 'epoll/edge'], list: 'c1 a1 t1' })
  assert.deepEqual(wanted('#step=steps-first-answer'), { name: 'steps-first-answer' })
  assert.equal(wanted('#lab-one-slow'), null)
  assert.equal(wanted(''), null)
})
