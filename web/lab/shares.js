// The sum of many lanes in one row: how many are in which state, as stacked bands over time, and on top how they ended.
import { piled, states } from './data.js'
import { M, endOf, severalTurns } from './model.js'

export const step = 2 // px, the width of a column
const ends = Object.keys(states).filter(state => states[state].end)

// pileOf returns the bands of a sum, the lowest first: of each state that occurs, how many lanes are in it, by column.
// A lane counts in each column that it touches; if exact, only if it is in the state where the column begins.
export function pileOf(picture, lanes, view, now, exact = false) {
  const { gutter, width } = picture, columns = Math.ceil((width - gutter) / step)
  const column = (t, round) => Math.min(columns, Math.max(0, round((picture.x(t, view) - gutter) / step)))
  const changes = changesOf(lanes, view, column, columns, now, exact)
  return piled.map(state => {
    const counts = changes.get(state)
    for (let i = 1; i <= columns; i++) counts[i] += counts[i - 1]
    return { state, counts: counts.subarray(0, columns + 1) }
  }).filter(({ counts }) => counts.some(n => n > 0))
}

// paintShares draws the row of a picture.
export function paintShares(picture, { lanes, y, h }, view, theme, now) {
  const { context: c, gutter, width } = picture
  let base
  for (const { state, counts } of pileOf(picture, lanes, view, now)) {
    base ??= new Float64Array(counts.length)
    const top = base.map((low, i) => Math.min(h, low + counts[i] / lanes.length * h))
    band(c, state, theme, gutter, y + h, base, top)
    base = top
  }
  c.strokeStyle = theme.colours.grid
  c.lineWidth = 1
  c.strokeRect(gutter + 0.5, y + 0.5, width - gutter, h)
  for (const state of ends) {
    if (picture.track.present.has(state)) marksOf(state, picture, lanes, y, view, theme)
  }
}

// changesOf returns, for each state, by how many lanes it changes from one column to the next.
function changesOf(lanes, view, column, columns, now, exact) {
  const changes = new Map(piled.map(state => [state, new Int32Array(columns + 2)]))
  const add = (state, from, to) => {
    changes.get(state)[from]++
    changes.get(state)[Math.max(to, from + 1)]--
  }
  for (const lane of lanes) {
    for (const m of lane.all('bars')) {
      const state = m[M.STATE], at = m[M.AT], end = endOf(m, now)
      if (!changes.has(state) || end < view.from || at > view.to) continue
      // Work is shown however short it is, but a rest is not.
      const rests = exact || states[state].rest
      const first = column(at, rests ? Math.ceil : Math.floor), last = column(end, Math.ceil)
      if (rests && first === last) continue
      if (!severalTurns(lane, m)) {
        add(state, first, last)
        continue
      }
      add('parked', first, last)
      const n = Math.min(m[M.COUNT], last - first)
      for (let i = 0; i < n; i++) add(state, first + Math.floor(i * (last - first) / n), 0)
    }
  }
  return changes
}

// band fills the area between two outlines, which are heights above the bottom by column.
function band(c, state, theme, left, bottom, base, top) {
  const columns = top.length - 1
  c.beginPath()
  for (let i = 0; i <= columns; i++) {
    c.lineTo(left + i * step, bottom - top[i])
    c.lineTo(left + (i + 1) * step, bottom - top[i])
  }
  for (let i = columns; i >= 0; i--) {
    c.lineTo(left + (i + 1) * step, bottom - base[i])
    c.lineTo(left + i * step, bottom - base[i])
  }
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

// marksOf draws the ends of one kind, at most one in every five pixels.
function marksOf(state, picture, lanes, y, view, theme) {
  const taken = new Set()
  const below = state === 'cancelled' ? 14 : 2 // it often comes with an error
  for (const lane of lanes) {
    for (const m of lane.calls) {
      if (m[M.STATE] !== state || m[M.LANE] !== lane.id) continue
      const x = picture.x(m[M.AT], view), slot = Math.round(x / 5)
      if (x < picture.gutter || taken.has(slot)) continue
      taken.add(slot)
      theme.glyph(picture.context, state, x, y + below, 11)
    }
  }
}
