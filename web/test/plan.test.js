import assert from 'node:assert/strict'
import test from 'node:test'
import { Run } from '../lab/model.js'
import { paintPlan, parting, planOf, reach } from '../lab/plan.js'
import { mark, server } from '../testdata/run.js'

const ms = 1e6

// pictureOf has one lane; all of 872 px show the view.
function pictureOf(kind) {
  const [track] = new Run([server()]).tracks
  track.add({ lanes: [{ id: 0, kind, name: kind + ' 1' }], rows: [{ kind }] })
  const picture = {
    track, gutter: 128, width: 1010,
    x(t, view) { return this.gutter + (t - view.from) / view.span * (this.width - this.gutter - 10) },
    calls: lane => lane.own,
  }
  return { picture, track, row: { kind: 'lane', lane: track.lanes[0], y: 6, h: 22 } }
}
const view = { from: 0, to: 1000 * ms, span: 1000 * ms }
const items = plan => plan.flat()

test('bars on one pixel are planned once, and a lane of very many costs no more than its pixels', () => {
  const { picture, track, row } = pictureOf('thread'), marks = []
  for (let i = 0; i < 100_000; i++) {
    const at = i * 1e4
    marks.push(mark({ at, took: 5e3 }), mark({ at: at + 5e3, took: 5e3, state: 'waiting', call: 'select' }))
    marks.push(mark({ at: at + 1e3, state: 'called', call: 'read' }))
  }
  track.add({ marks })
  const plan = planOf(picture, row, view, 1000 * ms)
  assert.ok(items(plan).length < 2000, `${items(plan).length} items`)
  assert.equal(planOf(picture, row, view, 1000 * ms), plan) // and is worked out once
  track.add({ marks: [mark({ at: 1000 * ms, took: ms })] })
  assert.notEqual(planOf(picture, row, view, 1001 * ms), plan)
})

test('a bar that grows is painted anew at its end only', () => {
  const { picture, track, row } = pictureOf('connection')
  track.add({ open: [mark({ took: -1, state: 'queued' })] })
  const [before, after] = [500, 516].map(t => planOf(picture, row, view, t * ms))
  assert.equal(parting(before, after), picture.x(500 * ms, view))
  // It ends, and another one begins before what was painted.
  track.add({
    marks: [mark({ took: 490 * ms, state: 'queued' })], open: [mark({ at: 490 * ms, took: -1, state: 'unanswered' })],
  })
  assert.equal(parting(after, planOf(picture, row, view, 530 * ms)), picture.x(490 * ms, view))
})

test('a short bar, or one that is found to be cut off, is painted anew as a whole', () => {
  const { picture, track, row } = pictureOf('connection')
  track.add({ open: [mark({ at: 100 * ms, took: -1, state: 'queued' })] })
  const plan = t => planOf(picture, row, view, t * ms)
  assert.equal(parting(plan(102), plan(400)), picture.x(100 * ms, view))
  const long = plan(500)
  track.settle(500 * ms)
  assert.equal(parting(long, plan(500)), picture.x(100 * ms, view))
  assert.equal(parting(plan(500), plan(500)), Infinity)
})

// painter records what is painted, each with its left and right edge.
function painter() {
  const painted = [], c = { fillRect: (x, y, w, h) => painted.push(['paper', x, x + w, y, h]) }
  const theme = {
    colours: {}, bar: (c, state, x0, x1, y, h) => painted.push([state, x0, x1, y, h]),
    turns: (c, x0, x1, y, h, n) => painted.push(['turns', x0, x1, n]),
    tear: (c, x) => painted.push(['tear', x, x]), glyph: (c, state, x) => painted.push([state, x, x]),
  }
  return { painted, paint: (plan, row, x) => { paintPlan(c, theme, row, plan, x) } }
}

// What lies left of the parting stays as it is, so what is painted there must be the same.
test('left of where two plans part, they are painted alike', () => {
  let seed = 1, kept = 0, all = 0
  const next = n => (seed = (seed * 1103515245 + 12345) % 2147483648) % n
  for (const kind of ['thread', 'task', 'connection']) {
    const { picture, track, row } = pictureOf(kind)
    let begun = 0, before = null
    for (let now = 16 * ms; now < 900 * ms; now += 16 * ms) {
      const marks = []
      for (let t; (t = begun + 1 + next(20 * ms)) < now; begun = t) {
        const state = kind === 'connection' ? ['idle', 'queued', 'unanswered'][next(3)] : ['running', 'parked'][next(2)]
        marks.push(mark({ at: begun, took: t - begun, state, count: 1 + next(2) * 3 }))
        const late = Math.max(0, t - next(30 * ms)) // calls that are summed up come late
        marks.push(mark({ at: late, took: next(2) * ms, state: 'called', call: 'read' }))
        if (!next(9)) marks.push(mark({ at: late, state: 'failed', errno: 'EPIPE' }))
      }
      track.add({ marks, open: [mark({ at: begun, took: -1, state: 'idle' })] })
      const plan = planOf(picture, row, view, now + next(9) * ms)
      if (before) {
        const x = parting(before, plan) - reach
        const left = plan => {
          const { painted, paint } = painter()
          paint(plan, row, 0)
          return painted.filter(([, x0]) => x0 < x).map(([what, x0, x1, ...h]) => [what, x0, Math.min(x1, x), ...h])
        }
        assert.deepEqual(left(plan), left(before))
        all++
        if (x > picture.gutter + 50) kept++
        // And a strip has all that reaches into it.
        const whole = painter(), strip = painter(), into = ([, , x1]) => x1 >= x
        whole.paint(plan, row, 0)
        strip.paint(plan, row, x)
        assert.deepEqual(strip.painted.filter(into), whole.painted.filter(into))
      }
      before = plan
    }
  }
  assert.ok(kept > all / 2, `${kept} of ${all} times something was left as it is`)
})

test('a plan that goes on is the one that is made at once', () => {
  let seed = 7
  const next = n => (seed = (seed * 1103515245 + 12345) % 2147483648) % n
  for (const kind of ['thread', 'task', 'connection']) {
    const { picture, track, row } = pictureOf(kind)
    for (let at = 0; at < 900 * ms; at += 10 * ms) {
      const late = next(4) === 0 ? 15 * ms : 0 // a mark that comes late lies before others
      track.add({ marks: [
        mark({ at: at - late, took: next(9) * ms, state: ['running', 'waiting', 'unanswered'][next(3)], call: 'read' }),
        mark({ at: at + next(5) * ms, took: next(2) * 6 * ms, state: ['called', 'again', 'answered'][next(3)] }),
      ] })
      const plan = planOf(picture, row, view, at)
      assert.deepEqual(plan, planOf(picture, { ...row, kept: null }, view, at))
    }
  }
})
