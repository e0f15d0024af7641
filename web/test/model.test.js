import assert from 'node:assert/strict'
import test from 'node:test'
import { M, Run, endOf, lastBefore } from '../lab/model.js'
import { mark, server } from '../testdata/run.js'

const lanes = [
  { id: 0, kind: 'thread', name: 'thread 1' },
  { id: 1, kind: 'task', name: 'task 1' },
  { id: 2, kind: 'connection', name: 'slow 1', group: 'slow' },
]
const threadFor = task => ({ lane: 0, task: task + 1 }) // a mark names the lane of its task by a number from one

test('the last mark before a moment is found', () => {
  const marks = [10, 20, 30].map(at => mark({ at }))
  assert.deepEqual([5, 10, 15, 20, 30, 99].map(t => lastBefore(marks, t)), [-1, 0, 0, 1, 2, 2])
  assert.equal(lastBefore([], 7), -1)
})

test('marks are kept in the order in which they began, however they arrive', () => {
  const run = new Run([server()])
  run.tracks[0].add({ lanes, marks: [30, 10, 20].map(at => mark({ lane: 2, at, state: 'idle' })) })
  assert.deepEqual(run.tracks[0].lanes[2].bars.map(m => m[M.AT]), [10, 20, 30])
})

test('a call for a task is on the lane of its thread and on that of the task', () => {
  const [track] = new Run([server()]).tracks
  track.add({ lanes, marks: [mark({ ...threadFor(1), state: 'called', call: 'read' })] })
  assert.equal(track.lanes[0].calls.length, 1)
  assert.equal(track.lanes[1].calls.length, 1)
  assert.equal(track.task(track.lanes[0].calls[0]), track.lanes[1])
  assert.equal(track.count, 1)
})

test('a thread that sleeps for a task fills its own lane, and is held on that of the task', () => {
  const [track] = new Run([server()]).tracks
  track.add({ lanes, marks: [mark({ ...threadFor(1), took: 50, state: 'blocked', call: 'read' })] })
  assert.equal(track.lanes[0].bars.length, 1)
  assert.deepEqual([track.lanes[1].bars.length, track.lanes[1].held.length], [0, 1])
  assert.equal(track.lanes[1].bar(20), null)
  assert.equal(track.lanes[1].bar(20, 'held')[M.STATE], 'blocked')
})

test('a bar covers its beginning and not its end', () => {
  const [track] = new Run([server()]).tracks
  track.add({ lanes, marks: [mark({ lane: 2, at: 10, took: 10, state: 'idle' })] })
  assert.deepEqual([9, 10, 19, 20].map(t => track.lanes[2].bar(t) !== null), [false, true, true, false])
})

test('an open mark grows with the clock, and is settled when the run is over', () => {
  const run = new Run([server()])
  run.live = true
  run.batch({ now: 1e6, tracks: [{ lanes, open: [mark({ lane: 2, at: 2e5, took: -1, state: 'unanswered' })] }] })
  const [track] = run.tracks, [open] = track.lanes[2].open
  assert.equal(endOf(open, 5e6), 5e6)
  run.batch({ now: 3e6, tracks: [{}] })
  run.finish({ result: { servers: [server()] } })
  assert.deepEqual(track.lanes[2].open, [])
  assert.deepEqual(track.lanes[2].bars.map(m => [m[M.AT], m[M.TOOK]]), [[2e5, 28e5]])
  assert.equal(run.live, false)
})

test('what goes on stays until there is something else on its lane, or nothing', () => {
  const [track] = new Run([server()]).tracks
  const goesOn = (lane, state, at = 0) => mark({ lane, at, took: -1, state })
  const states = () => track.lanes.map(lane => lane.open.map(m => m[M.STATE]).join())
  track.add({ lanes, open: [goesOn(0, 'running'), goesOn(1, 'parked'), goesOn(2, 'idle')] })
  assert.deepEqual(states(), ['running', 'parked', 'idle'])
  const [same] = track.lanes[2].open
  track.add({ over: [1], open: [mark({ lane: 0, took: 30, state: 'running' }), goesOn(0, 'blocked', 30)] })
  assert.deepEqual(states(), ['running,blocked', '', 'idle'])
  assert.deepEqual(track.lanes[0].open.map(m => endOf(m, 70)), [30, 70]) // the first is over, and not yet final
  assert.equal(track.lanes[2].open[0], same)
})

test('a recorded run is as long as its last mark, and has its result', () => {
  const result = { servers: [server({ requests: { answered: 3, failed: 1 }, events: { dropped: 2 } })] }
  const tracks = [{ lanes, marks: [mark({ lane: 2, at: 30, took: 70 })] }], rows = [[{ kind: 'thread' }]]
  const run = Run.recorded({ recording: { length: 40, tracks }, result, rows, measured: [3] })
  assert.equal(run.length, 100)
  assert.equal(run.clock(), 100)
  assert.deepEqual(run.measured, [3])
  assert.deepEqual(run.tracks[0].rows, rows[0])
  const { answered, sent, dropped } = run.tracks[0]
  assert.deepEqual({ answered, sent, dropped }, { answered: 3, sent: 4, dropped: 2 })
})

test('states are listed in the order of the legend', () => {
  const run = new Run([server()])
  run.tracks[0].add({ lanes, marks: ['idle', 'answered', 'running'].map(state => mark({ lane: 2, state })) })
  assert.deepEqual(run.present(), ['running', 'idle', 'answered'])
  run.tracks[0].add({ marks: [mark({ at: 50, state: 'failed' }), mark({ at: 40, state: 'failed' })] })
  assert.deepEqual([39, 40].map(t => run.present(t).includes('failed')), [false, true])
})

test('a track has the name that the lab gives it; its key leaves out Go', () => {
  const [go, python] = new Run([server({ name: 'select · Go' }), server({ language: 'python' })]).tracks
  assert.deepEqual([go.name, go.key], ['select · Go', 'select'])
  assert.deepEqual([python.name, python.key], ['select', 'select/python'])
})
