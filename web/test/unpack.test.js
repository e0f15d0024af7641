import assert from 'node:assert/strict'
import test from 'node:test'
import { unpack } from '../lab/unpack.js'

test('columns become lanes and marks', () => {
  const { tracks: [track] } = unpack({ tracks: [{
    sites: [{ file: 'a.go', line: 1 }],
    lanes: {
      kinds: [{ id: 0, kind: 'thread', name: '' }, { id: 0, kind: 'task', name: '', group: 'g' }],
      kind: 'ACC', names: ['t', 'a', 'b'],
    },
    marks: {
      kinds: [[0, 0, 0, 'blocked', 'read', 0, 0, '', 0, 0], [0, 0, 0, 'failed', '', 0, 0, 'EPIPE', 0, -1]],
      kind: 'ACA', lane: 'AEA', end: 'gBD+///////f', took: 'UA+///////f',
      fd: 'OD6D', result: 'hBAC', count: 'CCC', task: 'AAE',
    },
  }] })
  assert.deepEqual(track.sites, [{ file: 'a.go', line: 1 }])
  assert.deepEqual(track.lanes, [
    { id: 0, kind: 'thread', name: 't' }, { id: 1, kind: 'task', name: 'a', group: 'g' },
    { id: 2, kind: 'task', name: 'b', group: 'g' },
  ])
  assert.deepEqual(track.marks, [
    [0, 6, 10, 'blocked', 'read', 7, -16, '', 1, 0],
    [2, 15, 0, 'failed', '', -1, 0, 'EPIPE', 1, -1],
    [0, 15, 2 ** 44 - 1, 'blocked', 'read', 61, 1, '', 1, 0, 2],
  ])
})
