import assert from 'node:assert/strict'
import test from 'node:test'
import { piled, states } from '../lab/data.js'
import { Run, M, endOf, severalTurns } from '../lab/model.js'
import { pileOf, planShares, sharesParting, step } from '../lab/shares.js'
import { mark, server } from '../testdata/run.js'

// random returns numbers that are the same in each run of a test.
function random(seed) {
  return n => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % n
  }
}

const pictureOf = track => ({
  track, gutter: 128, width: 1000,
  x(t, view) { return this.gutter + (t - view.from) / view.span * (this.width - this.gutter - 10) },
})
const viewOf = (from, to) => ({ from, to, span: to - from })

// counted counts the marks of lanes one by one, at once.
function counted(picture, lanes, view, now, exact) {
  const columns = Math.ceil((picture.width - picture.gutter) / step)
  const column = (t, round) =>
    Math.min(columns, Math.max(0, round((picture.x(t, view) - picture.gutter) / step)))
  const all = new Map(piled.map(state => [state, Array(columns + 1).fill(0)]))
  for (const lane of lanes) {
    for (const m of lane.all('bars')) {
      const state = m[M.STATE], at = m[M.AT], end = endOf(m, now), rests = exact || states[state].rest
      if (!all.has(state) || end < view.from || at > view.to) continue
      const first = column(at, rests ? Math.ceil : Math.floor), last = column(end, Math.ceil)
      if (rests && first === last) continue
      const fill = (state, from, to) => {
        for (let i = from; i < Math.min(to, columns + 1); i++) all.get(state)[i]++
      }
      if (!severalTurns(lane, m)) {
        fill(state, first, Math.max(last, first + 1))
        continue
      }
      fill('parked', first, Math.max(last, first + 1))
      const n = Math.min(m[M.COUNT], last - first)
      for (let i = 0; i < n; i++) {
        const at = first + Math.floor(i * (last - first) / n)
        fill(state, at, at + 1)
      }
    }
  }
  return [...all].map(([state, counts]) => ({ state, counts })).filter(({ counts }) => counts.some(n => n > 0))
}
const plain = bands => bands.map(({ state, counts }) => ({ state, counts: [...counts] }))

// going yields a track while it grows: tasks that take turns and are parked, some of which are found to serve others.
function* going(tasks, batches, seed) {
  const [track] = new Run([server()]).tracks, next = random(seed), begun = Array(tasks).fill(0)
  const lane = (id, group) => ({ id, kind: 'task', name: 'task ' + id, group })
  let known = 0
  for (let b = 1; b <= batches; b++) {
    const now = b * 60e6, marks = [], lanes = []
    while (known < tasks && known < b * 4) lanes.push(lane(known++, 'a'))
    if (b === 5) lanes.push(lane(0, 'b'))
    for (let id = 0; id < known; id++) {
      for (let state = 'parked', t; (t = begun[id] + 1 + next(90e6)) < now; begun[id] = t) {
        state = state === 'running' ? 'parked' : 'running'
        marks.push(mark({ lane: id, at: begun[id], took: t - begun[id], state, count: 1 + next(3) }))
      }
    }
    const open = begun.slice(0, known).map((at, lane) => mark({ lane, at, took: -1, state: 'parked' }))
    if (b === 3) Object.assign(open[1], { [M.TOOK]: 1e6 }) // over, not yet final
    track.add({ lanes, marks, open, rows: [{ kind: 'task', group: 'a' }, { kind: 'task', group: 'b' }] })
    yield { track, now }
  }
  track.settle(batches * 60e6)
  yield { track, now: batches * 60e6 }
}
const foldOf = (track, group) => ({ key: 'task ' + group, lanes: track.lanes.filter(lane => lane.group === group) })

test('a sum that grows with its run is that of all marks at once', () => {
  for (const view of [viewOf(0, 1e9), viewOf(200e6, 420e6), viewOf(300e6, 301e6)]) {
    let picture
    for (const { track, now } of going(20, 12, 7)) {
      picture ??= pictureOf(track)
      for (const group of ['a', 'b']) {
        const fold = foldOf(track, group)
        for (const exact of [false, true]) {
          for (const t of [now, now + 11e6, now + 29e6]) { // between two batches it goes on by itself
            assert.deepEqual(plain(pileOf(picture, fold, view, t, exact)), counted(picture, fold.lanes, view, t, exact))
          }
        }
      }
    }
  }
})

test('left of where two plans of a sum part, they are alike', () => {
  let picture, before, seldom = 0, all = 0
  const view = viewOf(0, 1e9)
  for (const { track, now } of going(20, 12, 3)) {
    picture ??= pictureOf(track)
    const row = { ...foldOf(track, 'a') }, plan = planShares(picture, row, view, now)
    if (before) {
      const x = sharesParting(picture, before, plan), until = Math.min(x, picture.width)
      const left = ({ bands, lanes }) => piled.map(state => {
        const counts = bands.find(band => band.state === state)?.counts
        return Array.from({ length: (until - picture.gutter) / step }, (_, i) => (counts?.[i] ?? 0) / lanes)
      })
      assert.deepEqual(left(before), left(plan))
      all++
      if (x > picture.gutter + 100) seldom++
    }
    before = plan
  }
  assert.ok(seldom > all / 3, `${seldom} of ${all} times something was left as it is`)
})

test('what has not changed is not counted again', () => {
  const [last] = [...going(20, 12, 5)].slice(-1), picture = pictureOf(last.track), fold = foldOf(last.track, 'a')
  const view = viewOf(0, 1e9), bands = pileOf(picture, fold, view, last.now)
  assert.equal(pileOf(picture, fold, view, last.now), bands)
  const row = { ...fold }
  row.plan = planShares(picture, row, view, last.now)
  assert.equal(planShares(picture, row, view, last.now), row.plan)
})
