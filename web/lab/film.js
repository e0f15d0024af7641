// The film of a run: the shown moment goes on with the clock, at some pace, up to a moment or to the end. While it
// plays for the first time, what comes later is not painted.
import { calm } from './dom.js'
import { number } from './format.js'

const [shortest, longest] = [3e9, 8e9] // ns, how long a film lasts, unless the reader chooses another speed
const paces = [1, 2, 5]

// paceOf returns how many ns of a run of the given length pass in a ns of its film: a round number, or one divided by a
// round number, which makes the film neither too short nor too long to follow.
export function paceOf(length) {
  const round = least => {
    const power = 10 ** Math.floor(Math.log10(least) + 1e-9)
    return ([...paces, 10].find(n => n * power >= least * 0.999)) * power
  }
  if (!length) return 1 // a live run
  if (length < shortest) return 1 / round(shortest / length)
  return length > longest ? round(length / longest) : 1
}

// paceWords puts a pace in words: "20 × slower".
export const paceWords = pace => {
  if (pace === 1) return 'real time'
  return pace < 1 ? `${number(Math.round(1 / pace))} × slower` : `${number(pace)} × faster`
}

// Film moves view.cursor, the shown moment; null is the end, or now while the run goes on. over is called once for each
// run whose film was to be seen, when the film has reached the end or was skipped.
export class Film {
  constructor(view, changed) {
    Object.assign(this, { view, changed, over: () => {}, run: null, pace: 1, frame: 0, until: null })
  }
  get playing() { return this.frame > 0 }
  // first reports whether the film has still to reach its end for the first time.
  get first() { return this.view.seen < Infinity }

  show(run) {
    this.stop()
    Object.assign(this, { run, live: run.live })
    Object.assign(this.view, { cursor: null, seen: Infinity })
  }
  // begin hides all of the run, so that it is seen as it is played.
  begin() { Object.assign(this.view, { cursor: 0, seen: 0 }) }

  // seek shows a moment, and stops there.
  seek(t) {
    this.stop()
    const { view, run } = this
    view.cursor = t >= run.clock() && !run.live ? null : Math.max(0, t)
    this.seeing()
  }
  // play plays to a moment, or to the end. It returns a promise of whether it got there.
  play(until = Infinity, pace = this.pace) {
    this.stop()
    Object.assign(this, { until, now: pace, frame: performance.now() })
    this.view.cursor ??= 0
    this.changed()
    return new Promise(resolve => { this.resolve = resolve })
  }
  stop() { this.end(false) }
  end(reached) {
    if (!this.frame) return
    this.frame = 0
    this.resolve(reached)
    this.changed()
  }

  // advance moves the shown moment by the time since the last frame, and finds out whether a live run is over. A page
  // that was not drawn for a while, as it was in the background, has missed nothing.
  advance() {
    const { view, run } = this
    if (this.playing) {
      const now = performance.now(), passed = Math.min(now - this.frame, calm.matches ? 1500 : 200)
      this.frame = now
      view.cursor = Math.min(view.cursor + passed * 1e6 * this.now, this.until)
      const ended = view.cursor >= run.clock(), reached = ended || view.cursor >= this.until
      if (ended) view.cursor = null
      this.seeing()
      if (reached) this.end(true)
    }
    if (this.live && !run.live) this.done()
  }
  // done is about a live run that has ended. One that was too short to be followed is played again, slowly.
  done() {
    this.live = false
    if (!this.run.result) return
    if (this.run.length >= shortest / 3 || this.view.cursor !== null || calm.matches) {
      this.over()
      return
    }
    this.begin()
    this.play()
  }
  // seeing notes what has been seen.
  seeing() {
    const { view } = this
    if (!this.first) return
    if (view.cursor === null) {
      view.seen = Infinity
      this.over()
    } else {
      view.seen = Math.max(view.seen, view.cursor)
    }
  }
  // skip goes to the end at once.
  skip() { this.seek(Infinity) }
}
