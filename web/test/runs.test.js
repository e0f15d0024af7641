import assert from 'node:assert/strict'
import test from 'node:test'
import { Run } from '../lab/model.js'
import { Kept, changes, comparable, since, together } from '../lab/runs.js'
import { mark, server } from '../testdata/run.js'

// runOf makes a run of the servers, each with what was measured and what it is made of, that lasts for some ns.
function runOf(measured, settings = { pause: 2000 }, length = 1e9) {
  const servers = Object.keys(measured).map(id => server({ id, requests: { answered: 7, failed: 0 } }))
  const run = new Run(servers)
  run.batch({ now: length, tracks: [] })
  run.finish({
    result: { servers }, length,
    measured: Object.values(measured).map(value => value === null ? null : { value, words: value + ' answered' }),
  })
  return Object.assign(run, { setup: { servers: Object.keys(measured), settings } })
}
const begun = now => {
  const run = new Run([server()])
  run.live = true
  if (now) run.batch({ now, tracks: [{}] })
  return run
}

test('three runs are kept, and one that is broken off takes the place of none', () => {
  const kept = new Kept(), names = () => kept.tabs.map(([, name]) => name)
  kept.recorded = runOf({ select: 1 })
  assert.deepEqual([names(), kept.last], [['Recorded run'], kept.recorded])
  const own = [1, 2, 3].map(() => {
    const run = begun(5e8)
    kept.begin(run)
    assert.equal(names().at(-1), 'Running')
    return kept.complete()
  })
  assert.deepEqual([kept.mine, kept.before], [own[2], own[1]])
  assert.deepEqual(names(), ['Recorded run', 'Your run', 'The run before'])

  const broken = begun(1.2e9)
  kept.begin(broken)
  assert.equal(kept.breakOff('stopped'), broken)
  assert.deepEqual([broken.live, broken.length, kept.last], [false, 1.2e9, own[2]])
  assert.deepEqual(names(), ['Recorded run', 'Your run', 'The run before', 'Stopped after 1.2 s'])

  kept.begin(begun(0)) // the next attempt, of which nothing was seen
  assert.equal(kept.breakOff('broken off'), null)
  assert.equal(kept.breakOff('stopped'), null)
  assert.deepEqual(names(), ['Recorded run', 'Your run', 'The run before'])
})

test('what goes on when a run is broken off is cut off there', () => {
  const run = begun(1e6), [track] = run.tracks
  const lanes = [{ id: 0, kind: 'thread', name: 'thread 1' }]
  const marks = [mark({ took: 1e6, state: 'running' })]
  const open = [mark({ at: 1e6, took: 2e6, state: 'blocked', call: 'read' })]
  run.batch({ now: 3e6, tracks: [{ lanes, marks, open }] })
  assert.equal(track.cutOff(track.lanes[0].open[0]), false)
  run.end()
  assert.deepEqual(track.lanes[0].bars.map(m => track.cutOff(m)), [false, true])
})

test('two runs lie on one clock, the pictures of each server one under the other', () => {
  const kept = Object.assign(new Kept(), {
    recorded: runOf({ blocking: 0, select: 1 }, {}, 3e9), mine: runOf({ select: 2, epoll: 1 }, {}, 2e9),
  })
  const { recorded, mine } = kept, both = together(kept, mine, recorded)
  assert.deepEqual(both.tracks.map(track => [track.key, track.of]),
    [['select', 'Your run'], ['select', 'Recorded run']])
  assert.equal(both.tracks[1].name, recorded.tracks[1].name + ' · Recorded run')
  assert.equal(both.tracks[1].lanes, recorded.tracks[1].lanes)
  assert.deepEqual([both.live, both.clock()], [false, 3e9])
  assert.equal(both.table, null)
  recorded.table = { columns: ['CPU'], rows: [['1 s'], ['2 s']] }
  mine.table = { columns: ['CPU'], rows: [['3 s'], ['4 s']] }
  assert.deepEqual(together(kept, mine, recorded).table.rows, [['3 s'], ['2 s']])
  assert.deepEqual([comparable(mine, recorded), comparable(mine, mine), comparable(mine, runOf({ poll: 1 }))],
    [true, false, false])
})

const knobs = [
  { name: 'pause', label: 'pause', says: 'the slow one pauses %s', unit: 'ms', min: 0, max: 9000 },
  { name: 'clients', label: 'fast clients', min: 1, max: 200 },
  { name: 'nodelay', label: 'TCP_NODELAY', min: 0, max: 1 },
]

test('setups differ in settings and servers', () => {
  const from = { servers: ['blocking', 'select'], settings: { pause: 2000, clients: 20, nodelay: 1 } }
  const setup = { servers: ['select', 'epoll/c'], settings: { pause: 300, clients: 5, nodelay: 0 } }
  assert.deepEqual(changes(setup, from, knobs, key => key.toUpperCase()), [
    'the slow one pauses 300 ms instead of 2 s', '5 fast clients instead of 20', 'without TCP_NODELAY',
    'with EPOLL/C', 'without BLOCKING',
  ])
  assert.deepEqual(changes(setup, setup, knobs), [])
  const nameOf = key => key === 'select' ? 'select · Go' : 'epoll · C'
  assert.deepEqual(changes(setup, { ...setup, servers: [] }, knobs, nameOf), ['with select and epoll in C'])
  assert.deepEqual(changes(setup, { ...setup, settings: { ...setup.settings, pause: 1 } }), ['pause 300 instead of 1'])
})

test('one sentence says what has changed since the last run', () => {
  const run = runOf({ blocking: 20, select: 20 }, { pause: 300 }), from = runOf({ blocking: 0, select: 20 })
  assert.equal(since(run, from, 'Since your last run', 'fast.answered', knobs),
    'Since your last run: the slow one pauses 300 ms instead of 2 s; ' +
    'fast: blocking 20 answered (before 0 answered), select 20 answered (before 20 answered).')
  assert.equal(since(run, runOf({ select: 20 }, { pause: 300 }), 'Since then', 'slow.max', knobs),
    'Since then: with blocking; slow longest as before: select 20 answered.')
  assert.equal(since(run, run, 'Since then', '', []),
    'Since then: the same servers and settings; as before: blocking 7 answered, select 7 answered.')
  assert.equal(since(runOf({ select: null }), from, 'Since then', 'fast.p99'), 'Since then: without blocking.')
})
