import assert from 'node:assert/strict'
import test from 'node:test'
import { states } from '../lab/data.js'
import { M, Run } from '../lab/model.js'
import { activity, facts, sentence } from '../lab/words.js'
import { mark, server } from '../testdata/run.js'

const [track] = new Run([server()]).tracks
track.add({
  lanes: [
    { id: 0, kind: 'thread', name: 'thread 1' },
    { id: 1, kind: 'task', name: 'task 4' },
    { id: 2, kind: 'connection', name: 'slow 1', group: 'slow' },
  ],
})
const [thread, task, connection] = track.lanes
const ms = 1e6

test('each state has its sentence', () => {
  const cases = [
    [thread, { state: 'running', took: 3 * ms }, 'thread 1 ran for 3.0 ms.'],
    [thread, { state: 'running', took: 3 * ms, count: 2, result: 5 },
      'thread 1 ran for 3.0 ms: 2 turns of its loop, 5 callbacks.'],
    [task, { state: 'running', took: 3 * ms, count: 4 }, 'task 4 had 4 turns within 3.0 ms.'],
    [task, { state: 'parked', took: 3 * ms, fd: 7, errno: 'readable' },
      'task 4 waited 3.0 ms for fd 7 to be readable.'],
    [task, { state: 'parked', took: 3 * ms, errno: 'time' }, 'task 4 slept 3.0 ms.'],
    [task, { state: 'parked', took: 3 * ms, errno: 'a new reason' }, 'task 4 waited 3.0 ms.'],
    [task, { state: 'returned' }, 'task 4 is over: it returned.'],
    [task, { state: 'cancelled' }, 'task 4 is over: it was cancelled.'],
    [thread, { state: 'cancelled', errno: 'SIGTERM' }, 'The server was asked to end.'],
    [thread, { state: 'waiting', took: ms, call: 'select', result: 2 }, 'thread 1 waited 1.0 ms in select(): 2 ready.'],
    [thread, { state: 'blocked', took: ms, call: 'read', fd: 7, result: 1 },
      'thread 1 was blocked in read(fd 7) for 1.0 ms: 1 byte.'],
    [thread, { state: 'blocked', took: ms, call: 'read', fd: 7, result: 0, task: 2 },
      'thread 1 was blocked in read(fd 7) for 1.0 ms: end of stream, for task 4.'],
    [connection, { state: 'queued', took: ms }, 'slow 1 was connected for 1.0 ms, and the server had not accepted it.'],
    [connection, { state: 'unanswered', took: ms }, 'slow 1 had asked and waited 1.0 ms for its reply.'],
    [connection, { state: 'backpressure', took: ms, result: 2048 },
      'slow 1 did not take its reply for 1.0 ms; the server kept 2,048 bytes of it.'],
    [task, { state: 'backpressure', took: ms, errno: 'drain' },
      'task 4 waited 1.0 ms until the peer had taken what was written.'],
    [connection, { state: 'idle', took: ms }, 'slow 1 was open for 1.0 ms and asked nothing.'],
    [connection, { state: 'failed', errno: 'ECONNRESET' }, 'slow 1 ended in an error: ECONNRESET.'],
    [thread, { state: 'failed', call: 'read', fd: 7, errno: 'ECONNRESET' }, 'read(fd 7) failed: ECONNRESET.'],
    [thread, { state: 'again', call: 'read', fd: 7, errno: 'EAGAIN', count: 3, took: ms },
      'read(fd 7) found nothing 3 times in 1.0 ms and said EAGAIN.'],
    [thread, { state: 'called', call: 'accept4', fd: 3, result: 9 }, 'accept4(fd 3) returned at once: fd 9.'],
    [thread, { state: 'called', call: 'timer', result: 40 },
      'A timer was due; its callback was ready 40 µs later.'],
  ]
  for (const [lane, m, words] of cases) assert.equal(sentence(lane, mark({ lane: lane.id, ...m }), 0), words)
})

test('no state is without a sentence of its own', () => {
  for (const state of Object.keys(states)) {
    const m = mark({ state, call: states[state].bar ? '' : 'read' })
    assert.doesNotMatch(sentence(task, m, 0), new RegExp(`^task 4: ${state},`),
      `sentence in web/lab/words.js has no case for ${state}`)
  }
})

test('a mark that goes on says so, and has no outcome yet', () => {
  const m = mark({ at: 0, state: 'blocked', call: 'read', fd: 7, result: 5 })
  m.open = true
  assert.equal(sentence(thread, m, 2 * ms), 'thread 1 was blocked in read(fd 7) for 2.0 ms so far.')
  assert.deepEqual(facts(thread, m, 2 * ms).find(([name]) => name === 'lasts'), ['lasts', '2.0 ms so far'])
  assert.equal(facts(thread, m, 2 * ms).find(([name]) => name === 'returned'), undefined)
})

test('a call that failed is told to have returned -1, with its errno', () => {
  const names = Object.fromEntries(facts(thread, mark({ call: 'read', fd: 7, errno: 'EAGAIN', result: -1 }), 0))
  assert.deepEqual([names.call, names.fd, names.returned, names.errno], ['read', '7', '-1', 'EAGAIN'])
})

test('the activity of a track counts connections and names one or two threads', () => {
  const [track] = new Run([server()]).tracks
  const thread = i => ({ id: i, kind: 'thread', name: `thread ${i + 1}` })
  const client = i => ({ id: i, kind: 'connection', name: `slow ${i}`, group: 'slow' })
  track.add({
    lanes: [thread(0), client(1), client(2), client(3)],
    marks: [
      mark({ lane: 0, took: 100 * ms, state: 'blocked', call: 'read', fd: 7 }),
      ...[1, 2].map(lane => mark({ lane, took: 100 * ms, state: 'queued' })),
      mark({ lane: 3, took: 100 * ms, state: 'paused' }),
    ],
  })
  assert.equal(activity(track, 40 * ms, 100 * ms),
    'thread 1 blocked in read(fd 7), 40 ms so far · 2 not accepted, 1 paused by the client')
  assert.equal(activity(track, 200 * ms, 300 * ms), '')
})

test('more than two threads are counted by what they do', () => {
  const [track] = new Run([server()]).tracks
  const lanes = [0, 1, 2].map(id => ({ id, kind: 'thread', name: `thread ${id}` }))
  track.add({ lanes, marks: lanes.map(({ id }) => mark({ lane: id, took: ms, state: 'blocked', call: 'read' })) })
  assert.equal(activity(track, 10, ms), '3 threads blocked in read')
})

test('a mark names its places as the recording has them', () => {
  const m = mark({ lane: 1, at: 2, took: 3, state: 'called', call: 'read', fd: 6, result: 7, errno: 'E', count: 9 })
  assert.deepEqual(['LANE', 'AT', 'TOOK', 'STATE', 'CALL', 'FD', 'RESULT', 'ERRNO', 'COUNT', 'SITE', 'TASK'].map(
    name => m[M[name]]), m)
})
