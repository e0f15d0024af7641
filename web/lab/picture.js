// The picture of one track: lanes on a canvas. All pictures of a bench share one view, so that one moment is one
// vertical line through all of them.
import { kinds } from './data.js'
import { ticksIn } from './format.js'
import { labelHeight, labelsOf } from './labels.js'
import { coveredLayout, foldOf, layout, named } from './layout.js'
import { M, endOf, lastBefore, severalTurns } from './model.js'
import { paintShares } from './shares.js'

// View is the visible stretch of time, in ns, and what is pointed at. A covered view hides the lanes' content until the
// reader has guessed; what comes after the moment seen is hidden until the film has got there.
export class View {
  constructor() {
    Object.assign(this, { from: 0, to: 1e9, cursor: null, hover: null, selected: null, covered: false, seen: Infinity })
  }
  get span() { return this.to - this.from }
}

// Lanes of threads and connections are one bar after the other; on those of tasks, steps lie upon waits.
const isPlain = lane => !kinds[lane.kind].steps

const labelFont = '12px '
const settled = 300 // ms: while a run goes on, labels are not chosen more often

export class Picture {
  constructor(canvas, track) {
    Object.assign(this, { canvas, track, rows: [], width: 0, height: 0, ranked: 0, chosen: new Map(), labels: [] })
    this.context = canvas.getContext('2d')
  }

  // layout gives every lane its row, and reports whether anything has changed. While a run goes on, the ranking of very
  // many lanes is updated once a second.
  layout(width, run, covered) {
    const key = [width, this.track.shape, covered, ...this.chosen].join()
    if (key === this.key && !this.stale(run)) return false
    Object.assign(this, { width, key, ranked: performance.now(), rankedLive: run.live })
    this.gutter = width < 520 ? 84 : 128
    Object.assign(this, covered ? coveredLayout(this.track) : layout(this.track, run.clock(), this.chosen))
    return true
  }
  stale(run) {
    if (!this.rows.some(row => row.kind === 'shares')) return false
    return run.live ? performance.now() - this.ranked > 1000 : this.rankedLive
  }
  // toggle opens a fold, or closes it.
  toggle(key) { this.chosen.set(key, !this.rows.find(row => row.key === key)?.open) }
  // reveal opens the fold that a lane is in.
  reveal(lane) { if (!this.rows.some(row => row.lane === lane)) this.chosen.set(foldOf(lane), true) }

  // x returns the place of a moment, time the moment at a place.
  x(t, view) { return this.gutter + (t - view.from) / view.span * (this.width - this.gutter - 10) }
  time(x, view) { return view.from + (x - this.gutter) / (this.width - this.gutter - 10) * view.span }

  paint(view, theme, run) {
    const { context: c, width, height, gutter } = this
    this.clear(theme.ratio)
    this.grid(view, theme)
    this.names(view, theme)
    if (view.covered) {
      this.tell('')
      c.font = '13px ' + theme.font
      c.fillStyle = theme.colours.quiet
      c.textAlign = 'center'
      c.fillText('covered until you have guessed', (gutter + width) / 2, height / 2, width - gutter)
      return
    }
    c.save()
    c.beginPath()
    c.rect(gutter, 0, Math.max(0, Math.min(width, this.x(view.seen, view)) - gutter), height)
    c.clip()
    const now = run.clock()
    for (const row of this.rows) {
      if (row.kind === 'lane') this.lane(row, view, theme, now)
      else if (!row.open) paintShares(this, row, view, theme, now)
    }
    const { told, died } = this.track
    if (told) this.flag(told, 'SIGTERM', view, theme)
    if (died) this.flag(died, 'the server ended', view, theme)
    if (run.broken) this.flag(run.length, run.broken, view, theme)
    if (run.live) this.line(this.x(now, view), theme.colours.quiet, 1)
    if (view.cursor !== null) this.cursor(view, theme)
    if (view.hover !== null) this.line(this.x(view.hover, view), theme.colours.quiet, 1, [3, 3])
    this.selection(view, theme, now)
    c.restore()
    this.choose(view, theme, run)
    this.paintLabels(view, theme)
  }

  // choose chooses the labels anew if the run, the view or the rows have changed, and not because the film plays.
  choose(view, theme, run) {
    const place = [this.key, this.ranked, view.from, view.to, theme.font].join(), { count } = this.track
    const now = performance.now(), moved = place !== this.place
    if (!moved && (count === this.count && run.live === this.wasLive || run.live && now - this.named < settled)) return
    Object.assign(this, { place, count, named: now, wasLive: run.live })
    this.context.font = labelFont + theme.font
    const measure = text => this.context.measureText(text).width
    this.labels = labelsOf(this, view, run.clock(), measure, this.labels)
  }

  // paintLabels paints the labels of what has happened by the shown moment. As text they are what the canvas contains,
  // for readers who do not see it.
  paintLabels({ cursor, seen = Infinity }, { font, colours }) {
    const c = this.context, t = Math.min(cursor ?? Infinity, seen), shown = this.labels.filter(({ at }) => at <= t)
    this.tell(shown.map(({ text }) => text).join('; '))
    c.font = labelFont + font
    c.textAlign = 'left'
    c.textBaseline = 'middle'
    for (const { text, x, y, w } of shown) {
      c.globalAlpha = 0.92
      c.fillStyle = colours.paper
      c.beginPath()
      c.roundRect(x, y, w, labelHeight, 3)
      c.fill()
      c.globalAlpha = 1
      c.fillStyle = colours.ink
      c.fillText(text, x + 4, y + labelHeight / 2 + 0.5)
    }
  }

  tell(words) { if (this.canvas.textContent !== words) this.canvas.textContent = words }

  clear(ratio) {
    const { canvas, context: c, width, height } = this
    const w = Math.round(width * ratio), h = Math.round(height * ratio)
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w
      canvas.height = h
      canvas.style.setProperty('height', height + 'px')
    }
    c.setTransform(ratio, 0, 0, ratio, 0, 0)
    c.clearRect(0, 0, width, height)
  }

  line(x, colour, width, dash = []) {
    const c = this.context
    c.strokeStyle = colour
    c.lineWidth = width
    c.setLineDash(dash)
    c.beginPath()
    c.moveTo(x, 0)
    c.lineTo(x, this.height)
    c.stroke()
    c.setLineDash([])
  }

  // cursor veils what comes after the current moment.
  cursor(view, { colours }) {
    const x = this.x(view.cursor, view)
    this.context.fillStyle = colours.veil
    this.context.fillRect(x, 0, this.width - x, this.height)
    this.line(x, colours.accent, 1.5)
  }

  // flag draws when something happened to the server as a whole.
  flag(at, words, view, { font, colours }) {
    const c = this.context, x = this.x(at, view)
    this.line(x, colours.ink, 1, [6, 3])
    c.font = labelFont + font
    c.textAlign = 'left'
    const room = c.measureText(words).width, left = x + 8 + room < this.width ? x + 4 : x - 4 - room
    c.fillStyle = colours.paper
    c.fillRect(left - 2, this.height - 14, room + 4, 13)
    c.fillStyle = colours.ink
    c.fillText(words, left, this.height - 7)
  }

  grid(view, { colours }) {
    for (const t of ticksIn(view, this.width - this.gutter)) {
      this.line(Math.round(this.x(t, view)) + 0.5, colours.grid, 1)
    }
  }

  // names writes the names of the lanes that have room for them; the name of a fold is its button.
  names(view, theme) {
    const c = this.context, room = this.gutter - 8
    c.textBaseline = 'middle'
    c.textAlign = 'right'
    const text = (label, y, strong) => {
      c.fillStyle = strong ? theme.colours.ink : theme.colours.quiet
      c.fillText(label, this.gutter - 7, y, room)
    }
    for (const { kind, label, lane, y, h } of this.rows) {
      const chosen = view.selected && view.selected.lane === lane && view.selected.track === this.track
      c.font = `${chosen ? '600 ' : ''}12px ${theme.font}`
      if (kind === 'shares') {
        text(label, y + 8, true)
        text('summed up', y + 22)
      } else if (kind === 'covered') {
        text(label, y + h / 2)
        c.fillStyle = theme.colours.grid
        c.fillRect(this.gutter, y + h - 0.5, this.width - this.gutter, 0.5)
      } else if (kind === 'lane' && h >= named) {
        text(this.nameWithin(lane, room), y + h / 2 + 0.5, chosen || lane.kind === 'thread')
      }
    }
  }

  // nameWithin leaves out the kind of a lane if there is no room for it.
  nameWithin({ name }, room) {
    const [, short] = name.split(/^[a-z]+ (?=.* · )/)
    return short && this.context.measureText(name).width > room ? short : name
  }

  // lane draws bars first, then what is held, then calls on top of them.
  lane(row, view, theme, now) {
    const { y, h } = row, c = this.context
    c.fillStyle = theme.colours.grid
    c.fillRect(this.gutter, y + h - 0.5, this.width - this.gutter, 0.5)
    if (isPlain(row.lane)) {
      this.bars(row, view, theme, now, () => true)
    } else { // a step is short, and lies on the wait
      this.bars(row, view, theme, now, m => m[M.STATE] !== 'running')
      this.bars(row, view, theme, now, m => m[M.STATE] === 'running')
    }
    if (h >= 4) this.held(row, view, theme, now)
    this.marks(row, view, theme, now)
  }

  // bars draws the wanted bars of a lane. What would fall on the same pixel is drawn once.
  bars({ lane, y, h }, view, theme, now, wanted) {
    const c = this.context, { bars } = lane
    let edge = -1
    const bar = m => {
      const end = endOf(m, now)
      if (end < view.from) return
      const x0 = Math.max(this.x(m[M.AT], view), this.gutter - 4), x1 = Math.min(this.x(end, view), this.width + 4)
      if (x1 - edge < 0.5) return
      if (severalTurns(lane, m) && x1 - x0 > 6) {
        theme.bar(c, 'parked', x0, x1, y, h)
        theme.turns(c, x0, x1, y, h, m[M.COUNT])
      } else {
        theme.bar(c, m[M.STATE], Math.max(x0, edge), x1, y, h)
      }
      if (x1 - x0 > 8 && this.track.cutOff(m)) theme.tear(c, x1, y, h)
      edge = Math.max(x0 + 1, x1)
    }
    for (let i = Math.max(0, lastBefore(bars, view.from) - 4); i < bars.length && bars[i][M.AT] <= view.to; i++) {
      if (wanted(bars[i])) bar(bars[i])
    }
    for (const m of lane.open) if (lane.list(m) === 'bars' && wanted(m)) bar(m)
  }

  // held draws the calls in which a thread slept for this lane, along its bottom.
  held({ lane, y, h }, view, theme, now) {
    const low = Math.max(2.5, h * 0.34)
    for (const m of lane.all('held')) {
      const x0 = this.x(m[M.AT], view), x1 = this.x(endOf(m, now), view)
      if (x1 <= this.gutter || x0 >= this.width) continue
      theme.bar(this.context, m[M.STATE], Math.max(x0, this.gutter - 4), Math.min(x1, this.width + 4), y + h - low, low)
      if (this.track.cutOff(m)) theme.tear(this.context, x1, y + h - low, low)
    }
  }

  // marks draws the calls of a lane, as bars if they are long enough and as glyphs otherwise.
  marks({ lane, y, h }, view, theme, now) {
    const c = this.context, calls = this.calls(lane, view)
    const [low, tall] = lane.kind === 'thread' ? [y + h * 0.25, h * 0.5] : [y + h * 0.2, h * 0.6]
    const drawn = {} // the place of the last glyph by state, and of the last bar with its state
    const ends = [] // drawn last, on top of the others
    for (let i = Math.max(0, lastBefore(calls, view.from) - 8); i < calls.length && calls[i][M.AT] <= view.to; i++) {
      const m = calls[i], state = m[M.STATE], x0 = this.x(m[M.AT], view), x1 = this.x(endOf(m, now), view)
      if (x1 < this.gutter - 6) continue
      if (x1 - x0 >= 3 && h >= 3) {
        if (drawn.state !== state || !(x1 - drawn.bar < 1)) {
          c.fillStyle = theme.colours.paper
          c.fillRect(x0, low, x1 - x0, tall)
          theme.bar(c, state, x0, x1, low, tall)
        }
        drawn.bar = x1
        drawn.state = state
        continue
      }
      if (x0 - (drawn[state] ?? -99) < (glyphWidths[state] ?? 4)) continue
      drawn[state] = x0
      if (state in glyphWidths) theme.glyph(c, state, x0, y, h)
      else ends.push([state, x0])
    }
    for (const [state, x0] of ends) theme.glyph(c, state, x0, y, h)
  }

  // calls returns the calls that a lane shows. Those of a task are shown by its thread, until its steps are long enough
  // to hold them.
  calls(lane, view) {
    return isPlain(lane) || view.span < 3e7 ? lane.calls : lane.calls.filter(m => m[M.LANE] === lane.id)
  }

  selection(view, theme, now) {
    const chosen = view.selected
    if (!chosen || chosen.track !== this.track || !chosen.mark) return
    const row = this.rows.find(row => row.lane === chosen.lane)
    if (!row) return
    const c = this.context
    const x0 = Math.max(this.x(chosen.mark[M.AT], view) - 4, this.gutter + 1)
    const x1 = Math.min(this.x(endOf(chosen.mark, now), view), this.width - 2) + 4
    for (const [width, colour] of [[4, theme.colours.paper], [2, theme.colours.accent]]) {
      c.lineWidth = width
      c.strokeStyle = colour
      c.strokeRect(x0, row.y - 2, x1 - x0, row.h + 4)
    }
  }

  // at returns what is drawn at a point: {lane, mark}, mark null on an empty stretch; {fold}; null beside the lanes.
  at(x, y, view, now) {
    const label = this.labels.find(l => l.mark && l.x <= x && x < l.x + l.w && l.y <= y && y < l.y + labelHeight)
    if (label && label.at <= (view.cursor ?? Infinity)) return label
    const row = this.rows.find(({ kind, open, ...row }) => y >= row.y - 1 && y < row.y + row.h + 1 &&
      !(kind === 'fold' && open))
    if (row?.kind === 'fold') return { fold: row.key }
    if (row?.kind !== 'lane') return null
    const { lane } = row, t = this.time(x, view), reach = this.time(x + 5, view) - t
    const mark = this.nearestCall(lane, t, reach, view, now) ||
      y > row.y + row.h * 0.6 && lane.bar(t, 'held') ||
      !isPlain(lane) && nearestStep(lane, t, reach) ||
      lane.bar(t) || lane.bar(t + reach) || lane.bar(t - reach)
    return { lane, mark }
  }

  // nearestCall returns the call that is drawn nearest to t; null if none is within reach.
  nearestCall(lane, t, reach, view, now) {
    const calls = this.calls(lane, view)
    let best = null, distance = reach
    for (let i = lastBefore(calls, t + reach); i >= 0 && i > lastBefore(calls, t - reach) - 40; i--) {
      const m = calls[i], away = Math.max(m[M.AT] - t, t - endOf(m, now), 0)
      if (away < distance) {
        best = m
        distance = away
      }
    }
    return best
  }
}

// How far apart glyphs are drawn, in px; 4 for the ends, which are drawn on top of them.
const glyphWidths = { called: 1.2, again: 5 }

// nearestStep returns the step of a task that is drawn nearest to t; null if none is within half of reach.
function nearestStep({ bars }, t, reach) {
  let best = null, distance = reach * 0.5
  for (let i = lastBefore(bars, t + distance); i >= 0 && i > lastBefore(bars, t - distance) - 2; i--) {
    const m = bars[i], away = Math.max(m[M.AT] - t, t - m[M.AT] - m[M.TOOK], 0)
    if (m[M.STATE] === 'running' && away < distance) {
      best = m
      distance = away
    }
  }
  return best
}
