import assert from 'node:assert/strict'
import test from 'node:test'
import { Run, foldOf } from '../lab/model.js'
import { mark, server } from '../testdata/run.js'

// A canvas on which nothing is drawn; what is painted of lanes goes through the theme.
const context = () => new Proxy({ measureText: text => ({ width: text.length * 7 }) }, {
  get: (own, name) => own[name] ?? (() => {}), set: () => true,
})
const canvas = () => ({ width: 0, height: 0, textContent: '', style: { setProperty() {} }, getContext: context })
globalThis.document = { createElement: canvas }
const { Picture, View } = await import('../lab/picture.js')

const ms = 1e6

// pictureOf has n lanes, one below the other, each with a bar. painted takes the places of the bars that are painted.
function pictureOf(n) {
  const run = new Run([server()]), [track] = run.tracks, painted = []
  const lanes = Array.from({ length: n }, (_, id) => ({ id, kind: 'connection', name: 'c ' + id }))
  track.add({
    lanes, rows: [{ kind: 'connection', fold: true, open: true, label: 'c', plain: 'c' }],
    marks: lanes.map(({ id }) => mark({ lane: id, took: 5 * ms, state: 'unanswered' })),
  })
  run.live = true
  const theme = {
    ratio: 1, key: '', font: 'serif', colours: {}, bar: (c, state, x0, x1, y) => painted.push(y), glyph() {}, tear() {},
  }
  const picture = new Picture(canvas(), track), view = new View()
  picture.chosen.set(foldOf(track.lanes[0]), true)
  picture.layout(1000, run, false)
  const paint = (...sight) => {
    painted.length = 0
    picture.paint(view, theme, run, ...sight)
    return [...painted]
  }
  return { picture, track, paint }
}

test('only lanes in sight are painted, and the others when they come into sight', () => {
  const { picture, track, paint } = pictureOf(200), tops = picture.rows.filter(row => row.lane).map(row => row.y)
  const [top, bottom] = [tops[50], tops[80]], within = tops.filter(y => y >= top && y < bottom)
  assert.deepEqual(paint(top + 1, bottom), within)
  assert.deepEqual(paint(top + 1, bottom), [], 'and only once')
  assert.deepEqual(paint(), tops)

  // What is new on a lane out of sight is painted later.
  track.add({ marks: [mark({ lane: 0, at: 6 * ms, took: ms, state: 'unanswered' })] })
  assert.deepEqual(paint(top + 1, bottom), [])
  assert.ok(paint().includes(tops[0]))
})

test('a picture out of sight is not painted at all, and whole when it comes into sight', () => {
  const { picture, paint } = pictureOf(20)
  assert.deepEqual(paint(picture.height + 1, picture.height + 800), [])
  assert.equal(paint(-100, 700).length, 20)
})
