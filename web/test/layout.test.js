import assert from 'node:assert/strict'
import test from 'node:test'
import { foldOf, layout, many } from '../lab/layout.js'
import { Run } from '../lab/model.js'
import { mark, server } from '../testdata/run.js'

// trackOf has n lanes of each kind, folded if they are more than four; the i-th lane of a kind waits i ms.
function trackOf(counts, group = '') {
  const lanes = [], marks = [], rows = []
  for (const [kind, n] of Object.entries(counts)) {
    rows.push({ kind, group, fold: n > 4, label: `${n} of ${kind}` })
    for (let i = 0; i < n; i++) {
      const lane = lanes.length
      lanes.push({ id: lane, kind, name: `${kind} ${i + 1}`, group })
      marks.push(mark({ lane, took: i * 1e6, state: 'unanswered' }))
    }
  }
  const [track] = new Run([server()]).tracks
  track.add({ lanes, marks, rows })
  return track
}
const kinds = rows => rows.map(row => row.kind === 'lane' ? row.lane.kind : row.kind)

test('rows are in the order in which the lab has them', () => {
  const track = trackOf({ thread: 1, task: 1, connection: 2 })
  track.lanes.reverse()
  assert.deepEqual(kinds(layout(track, 0, new Set()).rows), ['thread', 'task', 'connection', 'connection'])
})

test('a lane waits for its row', () => {
  const track = trackOf({ thread: 1 })
  track.add({ lanes: [{ id: 1, kind: 'task', name: 'task 1' }] })
  assert.deepEqual(kinds(layout(track, 0, new Set()).rows), ['thread'])
})

test('rows lie below one another, within the height', () => {
  for (const n of [1, 4, 30, many + 50]) {
    const track = trackOf({ thread: 2, connection: n }), opened = new Set([foldOf(track.lanes.at(-1))])
    const { rows, height } = layout(track, 0, opened)
    rows.forEach((row, i) => {
      const next = rows[i + 1]?.y ?? height
      assert.ok(row.y + row.h <= next, `${n} connections: row ${i} ends at ${row.y + row.h}, the next is at ${next}`)
    })
  }
})

test('a row is folded until it is opened', () => {
  const track = trackOf({ connection: 5 }, 'fast')
  const folded = layout(track, 0, new Set()).rows
  assert.deepEqual(kinds(folded), ['fold'])
  assert.equal(folded[0].label, '5 of connection')
  const opened = layout(track, 0, new Set([folded[0].key])).rows
  assert.deepEqual(kinds(opened), ['fold', ...Array(5).fill('connection')])
})

test('very many lanes are summed up, and the slowest are drawn', () => {
  const track = trackOf({ connection: many + 100 }, 'slow'), opened = new Set([foldOf(track.lanes[0])])
  const { rows } = layout(track, 0, opened)
  const sum = rows.find(row => row.kind === 'shares'), drawn = rows.filter(row => row.kind === 'lane')
  assert.equal(sum.lanes.length, many + 100)
  assert.equal(sum.label, `${many + 100 - drawn.length} similar`)
  assert.deepEqual(drawn.map(row => row.lane), track.lanes.slice(-drawn.length))
})

test('a lane that failed ranks before a slower one', () => {
  const track = trackOf({ connection: many + 1 }), opened = new Set([foldOf(track.lanes[0])])
  track.add({ marks: [mark({ lane: 0, state: 'failed' })] })
  const drawn = layout(track, 0, opened).rows.filter(row => row.kind === 'lane').map(row => row.lane.id)
  assert.ok(drawn.includes(0))
})
