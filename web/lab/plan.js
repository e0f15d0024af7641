// What is painted of a lane, worked out before it is painted: a plan of items, each from x0 to x1 px. Two plans can be
// compared, so that a picture is painted anew only from where it looks different, and what is off the view or falls on
// the same pixel costs nothing.
import { M, endOf, lastBefore, severalTurns } from './model.js'

// How far apart glyphs are drawn, in px; 4 for the ends, which are drawn on top of them.
const glyphWidths = { called: 1.2, again: 5 }

const short = 8 // px: a bar that is shorter may look different as a whole when it grows

// planOf returns the plan of a row's lane: lists of items in the order of painting. Those of finished marks are kept
// with the row until its lane has more of them.
export function planOf(picture, row, view, now) {
  const { lane } = row, { end, died } = picture.track
  let { kept } = row
  if (kept?.end !== end || kept.died !== died) kept = null
  if (kept?.edition !== lane.edition) {
    kept = row.kept = { edition: lane.edition, end, died, ...finished(picture, row, view, now, kept) }
  }
  return lane.open.length ? unfinished(picture, row, view, now, kept.lists) : kept.lists
}

// Bars come first, in two layers: on lanes of tasks, steps are short, and lie upon waits. Then come the calls in which
// a thread slept for the lane, then the other calls, and the ends on top of them.
const layers = lane => lane.own === lane.calls
  ? [() => true, () => false]
  : [m => m[M.STATE] !== 'running', m => m[M.STATE] === 'running']

// finished plans marks that are over. What was planned before stays, if marks have only been added after it: a lane may
// have very many.
function finished(picture, row, view, now, before) {
  const { lane } = row, sight = new Sight(picture, row, view, now), { bars } = lane, calls = picture.calls(lane, view)
  if (bars[before?.bars - 1] !== before?.bar || calls[before?.calls - 1] !== before?.call) before = null
  const first = before?.bars ?? Math.max(0, lastBefore(bars, view.from) - 4)
  let last = first
  while (last < bars.length && bars[last][M.AT] <= view.to) last++
  const [low, high] = layers(lane).map((wanted, i) => {
    const known = before?.lists[2 * i] ?? [], more = sight.bars(bars, first, last, wanted, known.edge)
    return Object.assign(known.concat(more), { edge: more.edge })
  })
  const from = before?.calls ?? Math.max(0, lastBefore(calls, view.from) - 8), drawn = before?.drawn ?? {}
  const [items, ends, to] = sight.calls(calls, from, drawn), [a, b] = before?.lists.slice(6) ?? [[], []]
  return {
    lists: [low, [], high, [], sight.held(lane.held), [], a.concat(items), b.concat(ends)],
    bars: last, bar: bars[last - 1], calls: to, call: calls[to - 1], drawn,
  }
}

function unfinished(picture, row, view, now, [low, , high, , held, , calls, ends]) {
  const { lane } = row, sight = new Sight(picture, row, view, now)
  const open = list => lane.open.filter(m => lane.list(m) === list), bars = open('bars')
  const [more, upon] = layers(lane).map((wanted, i) => {
    return sight.bars(bars, 0, bars.length, wanted, [low, high][i].edge)
  })
  return [low, more, high, upon, held, sight.held(open('held')), calls, ends]
}

// Sight turns marks of a lane into items.
class Sight {
  constructor(picture, { lane, h }, view, now) {
    const { track, gutter, width } = picture, { from, span } = view
    Object.assign(this, { track, lane, h, view, now, left: gutter - 4, right: width + 4 })
    this.x = t => gutter + (t - from) / span * (width - gutter - 10) // as picture.x, which takes longer
  }

  // bars plans the wanted bars after those that reach to edge. What would fall on the same pixel is drawn once.
  bars(marks, first, last, wanted, edge = -1) {
    const items = []
    for (let i = first; i < last; i++) {
      const m = marks[i], end = endOf(m, this.now)
      if (end < this.view.from || !wanted(m)) continue
      const x0 = Math.max(this.x(m[M.AT]), this.left), x1 = Math.min(this.x(end), this.right)
      if (x1 - edge < 0.5) continue
      const turns = x1 - x0 > 6 && severalTurns(this.lane, m) ? m[M.COUNT] : 0
      const tear = x1 - x0 > 8 && this.track.cutOff(m) ? x1 : 0
      items.push({ state: m[M.STATE], x0: turns ? x0 : Math.max(x0, edge), x1, turns, tear })
      edge = Math.max(x0 + 1, x1)
    }
    items.edge = edge
    return items
  }

  // held plans the calls in which a thread slept for the lane, along its bottom.
  held(marks) {
    const items = []
    for (const m of this.h < 4 ? [] : marks) {
      const x0 = this.x(m[M.AT]), x1 = this.x(endOf(m, this.now))
      if (x1 <= this.left + 4 || x0 >= this.right - 4) continue
      const tear = this.track.cutOff(m) ? x1 : 0
      items.push({ state: m[M.STATE], x0: Math.max(x0, this.left), x1: Math.min(x1, this.right), tear })
    }
    return items
  }

  // calls plans calls from the i-th on, as bars if they are long enough and as glyphs otherwise, and apart from them
  // the ends; it returns how far it came as well. drawn is the place of the last glyph by state, and of the last bar
  // with its state.
  calls(marks, i, drawn) {
    const items = [], ends = [], { view, now, h } = this
    for (; i < marks.length && marks[i][M.AT] <= view.to; i++) {
      const m = marks[i], state = m[M.STATE], x0 = this.x(m[M.AT]), x1 = this.x(endOf(m, now))
      if (x1 < this.left - 2) continue
      if (x1 - x0 >= 3 && h >= 3) {
        if (drawn.state !== state || !(x1 - drawn.bar < 1)) items.push({ state, x0, x1 })
        drawn.bar = x1
        drawn.state = state
        continue
      }
      if (x0 - (drawn[state] ?? -99) < (glyphWidths[state] ?? 4)) continue
      drawn[state] = x0
      const list = state in glyphWidths ? items : ends
      list.push({ state, x0, x1: x0 })
    }
    return [items, ends, i]
  }
}

// parting returns from which x on two plans look different; Infinity if they are alike.
export function parting(before, after) {
  if (before === after) return Infinity
  const parts = [[0, 1], [2, 3], [4, 5], [6], [7]] // what goes on becomes a finished mark in its place
  return Math.min(...parts.map(([i, j]) => {
    if (j && before[i] !== after[i]) return part(before[i].concat(before[j]), after[i].concat(after[j]))
    return part(before[j ?? i], after[j ?? i])
  }))
}
// part returns the same for two lists of items.
export function part(a, b) {
  let x = Infinity
  for (let i = 0; a !== b && i < Math.max(a.length, b.length); i++) {
    const p = a[i], q = b[i]
    const alike = p && q && p.state === q.state && p.x0 === q.x0 && p.turns === q.turns && p.tear === q.tear
    if (!alike) return Math.min(x, leftmost(a, i), leftmost(b, i))
    if (p.x1 === q.x1) continue
    const end = Math.min(p.x1, q.x1)
    x = Math.min(x, p.turns || end - p.x0 < short ? p.x0 : end)
  }
  return x
}
function leftmost(items, first) {
  let x = Infinity
  for (let i = first; i < items.length; i++) x = Math.min(x, items[i].x0)
  return x
}

export const reach = 8 // px to each side of its x0 and x1: what an item paints lies within

// paintPlan paints what of a plan lies at x or right of it.
export function paintPlan(c, theme, { lane, y, h }, [low, more, high, upon, held, others, calls, ends], x) {
  const near = items => items.filter(({ x1, tear }) => (tear || x1) >= x - reach)
  for (const { state, x0, x1, turns, tear } of [low, more, high, upon].flatMap(near)) {
    if (turns) {
      theme.bar(c, 'parked', x0, x1, y, h)
      theme.turns(c, x0, x1, y, h, turns)
    } else {
      theme.bar(c, state, x0, x1, y, h)
    }
    if (tear) theme.tear(c, tear, y, h)
  }
  const bottom = Math.max(2.5, h * 0.34)
  for (const { state, x0, x1, tear } of [held, others].flatMap(near)) {
    theme.bar(c, state, x0, x1, y + h - bottom, bottom)
    if (tear) theme.tear(c, tear, y + h - bottom, bottom)
  }
  const [top, tall] = lane.kind === 'thread' ? [y + h * 0.25, h * 0.5] : [y + h * 0.2, h * 0.6]
  for (const { state, x0, x1 } of [calls, ends].flatMap(near)) {
    if (x1 > x0) {
      c.fillStyle = theme.colours.paper
      c.fillRect(x0, top, x1 - x0, tall)
      theme.bar(c, state, x0, x1, top, tall)
    } else {
      theme.glyph(c, state, x0, y, h)
    }
  }
}
