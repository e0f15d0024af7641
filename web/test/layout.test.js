import assert from 'node:assert/strict'
import test from 'node:test'
import { coveredLayout, layout, many, named } from '../lab/layout.js'
import { Run, foldOf } from '../lab/model.js'
import { mark, server } from '../testdata/run.js'

// trackOf has n lanes of each kind, folded if they are more than four; the i-th lane of a kind waits i ms. open are the
// folds that a reader has opened.
function trackOf(counts, group = '') {
  const lanes = [], marks = [], rows = []
  for (const [kind, n] of Object.entries(counts)) {
    rows.push({ kind, group, fold: n > 4, label: `${n} of ${kind}`, plain: kind + 's' })
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
const open = (...lanes) => new Map(lanes.map(lane => [foldOf(lane), true]))
const kinds = rows => rows.map(row => row.kind === 'lane' ? row.lane.kind : row.kind)

test('rows are in the order in which the lab has them', () => {
  const track = trackOf({ thread: 1, task: 1, connection: 2 })
  track.lanes.reverse()
  assert.deepEqual(kinds(layout(track, 0).rows), ['thread', 'task', 'connection', 'connection'])
})

test('a lane waits for its row', () => {
  const track = trackOf({ thread: 1 })
  track.add({ lanes: [{ id: 1, kind: 'task', name: 'task 1' }] })
  assert.deepEqual(kinds(layout(track, 0).rows), ['thread'])
})

test('rows lie below one another, within the height', () => {
  for (const n of [1, 4, 30, many + 50]) {
    const track = trackOf({ thread: 2, connection: n }), opened = open(track.lanes.at(-1))
    const { rows, height } = layout(track, 0, opened)
    const below = rows.filter(row => row.kind !== 'fold' || row.head || !row.open) // the others stand beside lanes
    below.forEach((row, i) => {
      const next = below[i + 1]?.y ?? height
      assert.ok(row.y + row.h <= next, `${n} connections: row ${i} ends at ${row.y + row.h}, the next is at ${next}`)
    })
  }
})

test('a row is folded until it is opened', () => {
  const track = trackOf({ connection: 5 }, 'fast')
  const folded = layout(track, 0).rows
  assert.deepEqual(kinds(folded), ['fold'])
  assert.equal(folded[0].label, '5 of connection')
  const opened = layout(track, 0, open(track.lanes[0])).rows
  assert.deepEqual(kinds(opened), ['fold', ...Array(5).fill('connection')])
})

test('a row that the lab opens stays open until it is folded', () => {
  const track = trackOf({ connection: 20 }, 'fast'), [lane] = track.lanes
  track.rows[0].open = true
  assert.equal(layout(track, 0).rows.length, 21)
  assert.deepEqual(kinds(layout(track, 0, new Map([[foldOf(lane), false]])).rows), ['fold'])
})

test('a name stands beside lanes that are too low for one each, and its button is high enough', () => {
  const track = trackOf({ connection: 20 }, 'fast'), { rows } = layout(track, 0, open(track.lanes[0]))
  assert.equal(rows[0].y, rows[1].y)
  assert.ok(rows[0].h >= 24 && rows[1].h < named)
  const few = trackOf({ connection: 6 }, 'slow'), lanes = layout(few, 0, open(few.lanes[0])).rows
  assert.ok(lanes[1].h >= named && lanes[1].y >= lanes[0].y + lanes[0].h)
})

test('covered rows tell no number, and are as high for any', () => {
  const of = counts => coveredLayout(trackOf(counts))
  assert.deepEqual(of({ thread: 21, connection: 20 }), of({ thread: 1, connection: 3 }))
  assert.deepEqual(of({ thread: 21, connection: 20 }).rows.map(row => row.label), ['threads', 'connections'])
})

test('very many lanes are summed up, and the slowest are drawn', () => {
  const track = trackOf({ connection: many + 100 }, 'slow'), opened = open(track.lanes[0])
  const { rows } = layout(track, 0, opened)
  const sum = rows.find(row => row.kind === 'shares'), drawn = rows.filter(row => row.kind === 'lane')
  assert.equal(sum.lanes.length, many + 100)
  assert.equal(sum.label, `${many + 100 - drawn.length} similar`)
  assert.deepEqual(drawn.map(row => row.lane), track.lanes.slice(-drawn.length))
})

test('a lane that failed ranks before a slower one', () => {
  const track = trackOf({ connection: many + 1 }), opened = open(track.lanes[0])
  track.add({ marks: [mark({ lane: 0, state: 'failed' })] })
  const drawn = layout(track, 0, opened).rows.filter(row => row.kind === 'lane').map(row => row.lane.id)
  assert.ok(drawn.includes(0))
})
