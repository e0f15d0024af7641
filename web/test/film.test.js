import assert from 'node:assert/strict'
import test, { mock } from 'node:test'

globalThis.matchMedia = () => ({ matches: false })
const { Film, paceOf, paceWords } = await import('../lab/film.js')

test('a film is neither too short nor too long, at a round pace', () => {
  for (let length = 1e3; length < 1e12; length *= 1.07) {
    const pace = paceOf(length), seconds = length / pace / 1e9
    assert.ok(seconds > 2.9 && seconds < 8.1, `${length} ns at ${pace}: ${seconds} s`)
    assert.match(paceWords(pace), /^(real time|[125][0,]* × (slower|faster))$/)
  }
  assert.equal(paceOf(4e9), 1)
  assert.equal(paceWords(paceOf(5e6)), '1,000 × slower')
  assert.equal(paceWords(paceOf(30e9)), '5 × faster')
})

// frames plays so many frames of 100 ms.
function frames(film, n) {
  for (; n > 0; n--) {
    clock += 100
    film.advance()
  }
}
let clock = 1000
mock.method(performance, 'now', () => clock)

function filmOf(run) {
  const view = {}, film = new Film(view, () => {}), over = mock.fn()
  film.over = over
  film.show(run)
  return { view, film, over: over.mock }
}
const recorded = { live: false, length: 2e9, result: {}, clock: () => 2e9 }

test('what comes later is hidden until the film has reached the end, once', () => {
  const { view, film, over } = filmOf(recorded)
  assert.equal(view.seen, Infinity)
  film.begin()
  film.play()
  frames(film, 5)
  assert.deepEqual([view.cursor, view.seen, over.callCount()], [5e8, 5e8, 0])
  film.seek(1e8) // back: what was seen stays
  assert.deepEqual([view.cursor, view.seen], [1e8, 5e8])
  film.play()
  frames(film, 30)
  assert.deepEqual([view.cursor, view.seen, over.callCount()], [null, Infinity, 1])
  film.play()
  frames(film, 30)
  assert.equal(over.callCount(), 1)
})

test('a film that is skipped is over', () => {
  const { view, film, over } = filmOf(recorded)
  film.begin()
  film.play()
  film.skip()
  assert.deepEqual([view.cursor, film.first, over.callCount()], [null, false, 1])
})

test('playing to a moment stops there, and says whether it got there', async () => {
  const { view, film } = filmOf(recorded)
  film.seek(0)
  const reached = film.play(3e8, 0.5)
  frames(film, 9)
  assert.equal(view.cursor, 3e8)
  assert.equal(await reached, true)
  const interrupted = film.play(9e8)
  film.seek(1e8)
  assert.equal(await interrupted, false)
})

test('a page that was not drawn for a while has missed nothing', () => {
  const { view, film } = filmOf(recorded)
  film.seek(0)
  film.play()
  clock += 60000
  film.advance()
  assert.equal(view.cursor, 2e8)
})

test('a live run is over when it is done; a very short one is then played slowly; a failed one has no end', () => {
  const end = length => {
    const run = { live: true, length: 0, result: null, clock: () => length }, all = filmOf(run)
    all.film.pace = 0.001
    frames(all.film, 2)
    assert.equal(all.over.callCount(), 0)
    Object.assign(run, { live: false, length, result: length ? {} : null })
    frames(all.film, 1)
    return all
  }
  assert.equal(end(2e9).over.callCount(), 1)
  assert.equal(end(0).over.callCount(), 0)
  const { film, over, view } = end(1e6)
  assert.deepEqual([over.callCount(), view.seen], [0, 0])
  frames(film, 11)
  assert.equal(over.callCount(), 1)
})
