// The sum of many lanes in one row: how many are in which state, as stacked bands over time, and on top how they ended.
import { piled, states } from './data.js'
import { M, severalTurns } from './model.js'
import { part } from './plan.js'

export const step = 2 // px, the width of a column
const ends = Object.keys(states).filter(state => states[state].end)

const piles = new WeakMap() // of a picture, by the fold that they sum up

// pileOf returns the bands of a fold, the lowest first: of each state that occurs, how many lanes are in it, by column.
// A lane counts in each column that it touches; if exact, only if it is in the state where the column begins.
export const pileOf = (picture, fold, view, now, exact = false) => of(picture, fold, view, exact).bands(now)

// of returns the pile of a fold in a view.
function of(picture, fold, view, exact = false) {
  const { gutter, width, track } = picture, name = fold.key + exact
  const zoom = [view.from, view.to, gutter, width, track.regrouped].join()
  if (!piles.has(picture)) piles.set(picture, new Map())
  const all = piles.get(picture)
  if (all.get(name)?.zoom !== zoom) all.set(name, new Pile(picture, fold, view, exact, zoom))
  return all.get(name)
}

// Pile counts the lanes of a fold in a view. Marks are counted once, when they have come.
class Pile {
  constructor(picture, { key, lanes }, { from, to, span }, exact, zoom) {
    const { gutter, width, track } = picture, columns = Math.ceil((width - gutter) / step)
    const room = () => new Map(piled.map(state => [state, new Int32Array(columns + 2)]))
    Object.assign(this, { picture, key, view: { from, to, span }, exact, zoom, columns })
    // By how many lanes the number of each state changes, by column; in how many what goes on begins there.
    Object.assign(this, { changes: room(), begun: room(), open: 0, states: new Set() })
    Object.assign(this, { counted: track.log.length, changed: track.changes.length, signed: 0, places: new Map() })
    for (const lane of lanes) {
      for (const m of lane.bars) this.count(lane, m)
      this.countOpen(lane, lane.open)
    }
  }

  column(t, round) {
    const { gutter } = this.picture
    return Math.min(this.columns, Math.max(0, round((this.picture.x(t, this.view) - gutter) / step)))
  }
  // rests reports whether a state need not be shown however short it is, as work is.
  rests(state) { return this.exact || states[state].rest }
  first(m) { return this.column(m[M.AT], this.rests(m[M.STATE]) ? Math.ceil : Math.floor) }

  // count counts a mark that is over, once or, to take it back, -1 times.
  count(lane, m, times = 1) {
    const state = m[M.STATE], at = m[M.AT], end = at + m[M.TOOK], { changes, states } = this
    if (!changes.has(state) || end < this.view.from || at > this.view.to) return
    const add = (state, from, to) => {
      states.add(state)
      changes.get(state)[from] += times
      changes.get(state)[Math.max(to, from + 1)] -= times
    }
    const first = this.first(m), last = this.column(end, Math.ceil)
    if (this.rests(state) && first === last) return
    if (!severalTurns(lane, m)) {
      add(state, first, last)
      return
    }
    add('parked', first, last)
    const n = Math.min(m[M.COUNT], last - first)
    for (let i = 0; i < n; i++) add(state, first + Math.floor(i * (last - first) / n), 0)
  }
  // countOpen counts what goes on, or is over but not final.
  countOpen(lane, marks, times = 1) {
    for (const m of marks) {
      if (!this.changes.has(m[M.STATE]) || lane.list(m) !== 'bars') continue
      if (!m.open) {
        this.count(lane, m, times)
      } else if (m[M.AT] <= this.view.to) {
        this.states.add(m[M.STATE])
        this.begun.get(m[M.STATE])[this.first(m)] += times
        this.open += times
      }
    }
  }

  // bands returns the same list as before if nothing has changed.
  bands(now) {
    const { track } = this.picture, { log, changes } = track
    if (this.edition === track.edition && !this.open) return this.last
    for (; this.counted < log.length; this.counted++) {
      const m = log[this.counted], lane = track.lanes[m[M.LANE]]
      if (lane.fold === this.key) this.count(lane, m)
    }
    for (; this.changed < changes.length; this.changed++) {
      const [lane, before, after] = changes[this.changed]
      if (lane.fold !== this.key) continue
      this.countOpen(lane, before, -1)
      this.countOpen(lane, after)
    }
    this.edition = track.edition
    this.last = piled.filter(state => this.states.has(state))
      .map(state => ({ state, counts: this.sums(state, now) })).filter(({ counts }) => counts.some(n => n > 0))
    return this.last
  }
  // sums returns how many lanes are in a state, by column. What goes on reaches from its beginning to now.
  sums(state, now) {
    const counts = new Int32Array(this.columns + 1), changes = this.changes.get(state), begun = this.begun.get(state)
    const until = this.column(now, Math.ceil), rests = this.rests(state), ahead = now < this.view.from
    for (let i = 0, over = 0, open = 0; i < counts.length; i++) {
      over += changes[i]
      open += begun[i]
      const on = i < until ? open : rests ? 0 : begun[i]
      counts[i] = over + (ahead ? 0 : on)
    }
    return counts
  }

  // signs returns {state, x0} of the ends, at most one of a kind in every five pixels: that of the first lane.
  signs() {
    const { picture, view } = this, { ended, lanes } = picture.track, before = this.signed
    for (; this.signed < ended.length; this.signed++) {
      const m = ended[this.signed]
      if (lanes[m[M.LANE]].fold !== this.key) continue
      const x0 = picture.x(m[M.AT], view), place = m[M.STATE] + Math.round(x0 / 5), there = this.places.get(place)
      if (x0 < picture.gutter || there && (there.lane - m[M.LANE] || there.x0 - x0) <= 0) continue
      this.places.set(place, { state: m[M.STATE], x0, lane: m[M.LANE] })
    }
    if (this.all && before === this.signed) return this.all
    this.all = [...this.places.values()].sort((a, b) =>
      ends.indexOf(a.state) - ends.indexOf(b.state) || a.lane - b.lane || a.x0 - b.x0)
    return this.all
  }
}

// planShares returns what is painted of a sum: its bands, and where glyphs of ends are. It is the same as before if
// nothing has changed.
export function planShares(picture, row, view, now) {
  const pile = of(picture, row, view), bands = pile.bands(now), signs = pile.signs(), { plan } = row
  const lanes = row.lanes.length
  return plan?.bands === bands && plan.signs === signs && plan.lanes === lanes ? plan : { bands, signs, lanes }
}

// sharesParting returns from which x on two plans look different; Infinity if they are alike.
export function sharesParting({ gutter }, before, after) {
  if (before === after) return Infinity
  const resized = before.lanes !== after.lanes
  let x = Infinity
  for (const state of piled) {
    const [a, b] = [before, after].map(({ bands }) => bands.find(band => band.state === state)?.counts)
    const n = (a ?? b)?.length ?? 0
    for (let i = 0; i < n; i++) {
      if ((a?.[i] ?? 0) === (b?.[i] ?? 0) && !(resized && b?.[i])) continue
      x = Math.min(x, gutter + i * step)
      break
    }
  }
  return Math.min(x, part(before.signs, after.signs))
}

// paintShares paints what of a plan lies at x or right of it.
export function paintShares(c, theme, picture, { y, h }, { bands, lanes, signs }, x) {
  const { gutter, width } = picture, first = Math.max(0, Math.floor((x - gutter) / step) - 2)
  let base
  for (const { state, counts } of bands) {
    base ??= new Float64Array(counts.length)
    const top = base.map((low, i) => Math.min(h, low + counts[i] / lanes * h))
    band(c, state, theme, gutter, y + h, base, top, first)
    base = top
  }
  c.strokeStyle = theme.colours.grid
  c.lineWidth = 1
  c.strokeRect(gutter + 0.5, y + 0.5, width - gutter, h)
  for (const { state, x0 } of signs) {
    const below = state === 'cancelled' ? 14 : 2 // it often comes with an error
    if (x0 > x - 16) theme.glyph(c, state, x0, y + below, 11)
  }
}

// band fills the area between two outlines, which are heights above the bottom by column, from one column on.
function band(c, state, theme, left, bottom, base, top, first) {
  const last = top.length - 1, x = i => left + i * step
  c.beginPath()
  c.lineTo(x(first), bottom - top[first])
  for (let i = first; i < last; i++) {
    if (top[i] === top[i + 1]) continue
    c.lineTo(x(i + 1), bottom - top[i])
    c.lineTo(x(i + 1), bottom - top[i + 1])
  }
  c.lineTo(x(last + 1), bottom - top[last])
  c.lineTo(x(last + 1), bottom - base[last])
  for (let i = last; i > first; i--) {
    if (base[i] === base[i - 1]) continue
    c.lineTo(x(i), bottom - base[i])
    c.lineTo(x(i), bottom - base[i - 1])
  }
  c.lineTo(x(first), bottom - base[first])
  c.closePath()
  if (state !== 'idle') { // as in the legend: an outline
    c.fillStyle = theme.brush(c, state)
    c.fill()
  }
  if (!states[state].edge) return
  c.strokeStyle = theme.colours.quiet
  c.lineWidth = 0.6
  c.stroke()
}
