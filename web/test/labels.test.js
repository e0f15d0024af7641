import assert from 'node:assert/strict'
import test from 'node:test'
import { labelHeight, labelsOf } from '../lab/labels.js'
import { layout } from '../lab/layout.js'
import { Run } from '../lab/model.js'
import { mark, server } from '../testdata/run.js'

const ms = 1e6, end = 2000 * ms

// pictureOf has a track with the given rows, marks and lanes, and all that labelsOf needs of a picture of 1000 px, of
// which 870 show two seconds.
function pictureOf({ lanes, marks, rows, open = true }) {
  const [track] = new Run([server()]).tracks
  track.add({
    lanes: lanes.map(([kind, name, group = ''], id) => ({ id, kind, name, group })),
    marks: marks.map(mark), rows: rows.map(row => ({ fold: row.fold, open, label: '', plain: '', ...row })),
  })
  const gutter = 120, width = 1000, room = width - gutter - 10
  return {
    track, gutter, width, ...layout(track, 0),
    x: (t, view) => gutter + (t - view.from) / (view.to - view.from) * room,
    time: (x, view) => view.from + (x - gutter) / room * (view.to - view.from),
    calls: lane => lane.calls,
  }
}
const all = { from: 0, to: end, span: end }
const measure = text => text.length * 6
const chosen = (picture, view = all, former) => labelsOf(picture, view, end, measure, former)
const texts = (picture, view) => chosen(picture, view).map(label => label.text).sort()

// oneSlow is a thread that is blocked on one of its clients; the others wait, and give up.
function oneSlow(clients = 20, open = true) {
  const lanes = [['thread', 'thread 1'], ['connection', 'slow 1', 'slow']]
  const read = { at: 10 * ms, took: 1900 * ms, state: 'blocked', call: 'read', fd: 7 }
  const marks = [
    { lane: 0, ...read }, { lane: 1, ...read },
    { lane: 1, at: 5 * ms, took: 1895 * ms, state: 'paused' }, { lane: 1, at: 1910 * ms, state: 'answered' },
  ]
  for (let i = 0; i < clients; i++) {
    const lane = lanes.length, at = (100 + 20 * i) * ms
    lanes.push(['connection', `fast ${i + 1}`, 'fast'])
    marks.push({ lane, at, took: 1800 * ms - at, state: 'queued' })
    marks.push({ lane, at: 1800 * ms, state: 'failed', errno: 'gave up waiting' })
  }
  const rows = [
    { kind: 'thread' }, { kind: 'connection', group: 'slow' }, { kind: 'connection', group: 'fast', fold: clients > 4 },
  ]
  return pictureOf({ lanes, marks, rows, open })
}

test('a label says what a thread waits for, how many clients wait, and how it ended', () => {
  assert.deepEqual(texts(oneSlow()), ['20 clients wait to be accepted', 'answered', 'blocked in read on slow 1',
    'gave up waiting ×20', 'the client pauses'])
})

test('a sum is labelled like its lanes, and the sign of many failures says how many they are', () => {
  const labels = texts(oneSlow(20, false))
  assert.ok(labels.includes('20 clients wait to be accepted'), String(labels))
  assert.ok(labels.includes('gave up waiting ×20') || labels.includes('×20'), String(labels))
})

// overlaps returns the pairs of labels that lie on each other.
const overlaps = labels => labels.flatMap((a, i) => labels.slice(i + 1).filter(b =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + labelHeight && b.y < a.y + labelHeight).map(b => [a.text, b.text]))

test('labels lie within the picture, on no other label, and on no moment', () => {
  for (const clients of [2, 4, 6, 20, 30]) {
    for (const open of [true, false]) {
      const picture = oneSlow(clients, open), labels = chosen(picture)
      assert.deepEqual(overlaps(labels), [])
      for (const { x, y, w, text } of labels) {
        assert.ok(x >= picture.gutter && x + w <= picture.width && y >= 0 && y + labelHeight <= picture.height, text)
        for (const row of picture.rows.filter(row => row.lane && row.y < y + labelHeight && y < row.y + row.h)) {
          for (const m of row.lane.calls) {
            const at = picture.x(m[1], all)
            assert.ok(at < x || at > x + w, `${clients}: "${text}" lies on a ${m[3]} of ${row.lane.name}`)
          }
        }
      }
    }
  }
})

test('a text that has no room gives way to a shorter one, or to none', () => {
  const states = took => chosen(pictureOf({
    lanes: [['thread', 'thread 1'], ['connection', 'slow 1']], rows: [{ kind: 'thread' }],
    marks: [0, 1].map(lane => ({ lane, at: ms, took: took * ms, state: 'blocked', call: 'read', fd: 7 })),
  })).map(label => label.text)
  assert.deepEqual(states(500), ['blocked in read on slow 1'])
  assert.deepEqual(states(300), ['blocked in read'])
  assert.deepEqual(states(150), ['blocked'])
  assert.deepEqual(states(50), [])
})

test('there are more labels in a closer view', () => {
  const marks = []
  for (let i = 0; i < 40; i++) {
    marks.push({ lane: 0, at: i * 50 * ms, took: 40 * ms, state: 'blocked', call: 'read', fd: i })
    marks.push({ lane: 1 + i, at: i * 50 * ms, took: 40 * ms, state: 'blocked', call: 'read', fd: i })
  }
  const clients = Array.from({ length: 40 }, (_, i) => ['connection', `crowd ${i + 1}`, 'crowd'])
  const picture = pictureOf({ lanes: [['thread', 'thread 1'], ...clients], rows: [{ kind: 'thread' }], marks })
  assert.deepEqual(texts(picture), [])
  const span = 200 * ms, near = texts(picture, { from: 0, to: span, span })
  assert.deepEqual(near, [1, 2, 3, 4].map(i => 'blocked in read on crowd ' + i))
})

test('a call is named in a view of a few milliseconds, if it stands alone', () => {
  const picture = pictureOf({
    lanes: [['thread', 'thread 1']], rows: [{ kind: 'thread' }],
    marks: [
      { at: 5 * ms, state: 'called', call: 'accept' },
      { at: 10 * ms, state: 'again', call: 'read', errno: 'EAGAIN', count: 7 },
    ],
  })
  assert.deepEqual(texts(picture), [])
  assert.deepEqual(texts(picture, { from: 0, to: 20 * ms, span: 20 * ms }), ['accept', 'read: EAGAIN ×7'])
})

test('a label appears when it has become true, and says which mark it names', () => {
  const labels = chosen(oneSlow()), of = text => labels.find(label => label.text === text)
  assert.equal(of('gave up waiting ×20').at, 1800 * ms)
  assert.ok(of('20 clients wait to be accepted').at > 480 * ms) // when the last has come
  assert.equal(of('blocked in read on slow 1').mark[4], 'read')
})

test('labels that are there stay while new marks come', () => {
  const picture = oneSlow(), before = chosen(picture)
  picture.track.add({ marks: [mark({ lane: 0, at: 1920 * ms, took: 70 * ms, state: 'running' })] })
  const after = chosen(picture, all, before)
  for (const label of before) {
    const same = after.find(other => other.key === label.key)
    assert.deepEqual([same.x, same.y, same.text], [label.x, label.y, label.text])
  }
})

test('no number is of lanes that were never in a state together', () => {
  const lanes = [], marks = []
  for (let i = 0; i < 20; i++) {
    lanes.push(['connection', `fast ${i + 1}`, 'fast'])
    marks.push({ lane: i, at: i * 90 * ms, took: 80 * ms, state: 'queued' })
  }
  for (const open of [true, false]) {
    const picture = pictureOf({ lanes, marks, rows: [{ kind: 'connection', group: 'fast', fold: true }], open })
    assert.deepEqual(texts(picture), [])
  }
})
