import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from '../landing/rows.js'
import { activity, answered, longestWait } from '../landing/tally.js'
import { Run } from '../lab/model.js'

const ms = 1e6

// track is a server with a thread and three clients of a group, of which the first two are answered.
function track() {
  const run = new Run([{ id: 'a', language: 'go' }])
  run.tracks[0].add({
    lanes: [{ id: 0, kind: 'thread', name: 'thread 1' }].concat([1, 2, 3].map(id => (
      { id, kind: 'connection', name: 'fast ' + id, group: 'fast' }))),
    marks: [
      [0, 0, 5 * ms, 'waiting'], [0, 5 * ms, ms, 'running'], [0, 6 * ms, 90 * ms, 'blocked'],
      [1, 10 * ms, 90 * ms, 'queued'], [1, 100 * ms, 0, 'answered'],
      [2, 20 * ms, 100 * ms, 'queued'], [2, 120 * ms, 0, 'answered'],
      [3, 30 * ms, 70 * ms, 'queued'],
    ],
  })
  return run.tracks[0]
}

test('a client counts from its reply on', () => {
  assert.deepEqual([99, 100, 119, 120].map(at => answered(track(), 'fast', at * ms)), [0, 1, 1, 2])
  assert.equal(answered(track(), 'slow', 200 * ms), 0)
})

test('the longest wait is from coming to the reply, and not known while one waits', () => {
  assert.equal(longestWait(track(), 'fast'), null)
  const all = track()
  all.add({ marks: [[3, 200 * ms, 0, 'answered']] })
  assert.equal(longestWait(all, 'fast'), 170 * ms)
  assert.equal(longestWait(all, 'slow'), null)
})

test('what the thread does is the last thing that took long enough', () => {
  assert.deepEqual([0, 5.5, 7, 500].map(at => activity(track(), at * ms)), ['waiting', 'waiting', 'blocked', 'blocked'])
  assert.equal(activity(new Run([{ id: 'a', language: 'go' }]).tracks[0], 0), '')
})

test('each lane has a row, and none leaves the picture', () => {
  for (const height of [60, 116, 240]) {
    const { server, groups } = rowsOf(height, [3, 20]), last = groups.at(-1)
    assert.ok(server.y + server.h <= groups[0].y)
    assert.ok(groups[0].y + 3 * groups[0].step <= last.y)
    assert.ok(last.y + 19 * last.step + last.h <= height, `${height}`)
    assert.ok(groups.every(row => row.h >= 1 && row.h <= row.step))
  }
})
