import assert from 'node:assert/strict'
import test from 'node:test'
import { gradeOf, measure } from '../lab/measure.js'
import { Run } from '../lab/model.js'
import { chromeTrace } from '../lab/perfetto.js'
import { visible } from '../lab/visible.js'
import { mark, server } from '../testdata/run.js'

test('a measure reads totals, groups and calls', () => {
  const of = { requests: { answered: 9 }, latency_ms: { p99: 41 } }
  const s = {
    ...of, threads_max: 3, syscalls: { read: 12 },
    per_group: { fast: { requests: { answered: 4 }, latency_ms: { p50: 1.5 }, first_byte_ms: { p50: 0.5 } } },
  }
  const cases = {
    'fast.answered': 4, 'fast.p50': 1.5, 'fast.first_byte': 0.5, 'total.answered': 9, 'total.p99': 41,
    threads_max: 3, 'syscalls.read': 12, 'syscalls.poll': 0, 'slow.answered': null, 'total.first_byte': null,
    unknown: null,
  }
  for (const [what, want] of Object.entries(cases)) assert.equal(measure(s, what), want, what)
})

test('a guess is close within one, or within a quarter', () => {
  assert.equal(gradeOf(20, 20)[0], 'right')
  assert.equal(gradeOf(1, 0)[0], 'close')
  assert.equal(gradeOf(75, 100)[0], 'close')
  assert.deepEqual(gradeOf(74, 100), ['wrong', 'More than you thought.'])
  assert.deepEqual(gradeOf(126, 100), ['wrong', 'Fewer than you thought.'])
})

test('characters that act on a page are spelt out, in keys as well', () => {
  const hostile = { 'a\u202e': ['\x1b[2J', 7, null, 'a\tb\n'] }
  assert.deepEqual(visible(hostile), { 'a\\u202e': ['\\u001b[2J', 7, null, 'a\tb\n'] })
})

test('a trace for Perfetto nests the calls of threads, and pairs the ends of connections', () => {
  const run = Run.recorded({
    length: 1e6, result: { scenario: 's', seed: 1, traffic_sha256: 'x', servers: [server()] },
    tracks: [{
      lanes: [
        { id: 0, kind: 'thread', name: 'thread 1' },
        { id: 1, kind: 'connection', name: 'slow 1', group: 'slow' },
      ],
      marks: [
        mark({ lane: 0, at: 1000, took: 9000, state: 'blocked', call: 'read', fd: 7, task: 2 }),
        mark({ lane: 0, at: 20000, state: 'called', call: 'write' }),
        mark({ lane: 1, at: 500, took: 2000, state: 'unanswered' }),
      ],
    }],
  })
  const { traceEvents, otherData } = JSON.parse(chromeTrace(run))
  const kinds = traceEvents.filter(e => e.ph !== 'M').map(e => [e.ph, e.name, e.ts])
  assert.deepEqual(kinds, [
    ['b', 'unanswered', 0.5], ['X', 'read', 1], ['e', 'unanswered', 2.5], ['i', 'write', 20],
  ])
  assert.deepEqual(otherData, { scenario: 's', seed: 1, traffic_sha256: 'x' })
})
