// The picture of one track: lanes on a canvas. All pictures of a bench share one view, so that one moment is one
// vertical line through all of them.
import { kinds } from './data.js'
import { ticksIn } from './format.js'
import { labelHeight, labelsOf } from './labels.js'
import { coveredLayout, layout, named } from './layout.js'
import { M, endOf, foldOf, lastBefore } from './model.js'
import { paintPlan, parting, planOf, reach } from './plan.js'
import { paintShares, planShares, sharesParting } from './shares.js'

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
const settled = 800 // ms: while a run goes on, labels are not chosen more often, nor for two pictures in one frame
let latest = 0 // when they were last chosen for a picture

// Layer is a part of a picture that is kept from frame to frame.
class Layer {
  constructor(canvas = document.createElement('canvas')) {
    Object.assign(this, { canvas, context: canvas.getContext('2d') })
  }
  // fit gives the layer its size, and reports whether it had another: then it is empty.
  fit(width, height, ratio) {
    const { canvas } = this, w = Math.round(width * ratio), h = Math.round(height * ratio)
    const other = canvas.width !== w || canvas.height !== h
    if (other) Object.assign(canvas, { width: w, height: h })
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.clear = () => this.context.clearRect(0, 0, width, height)
    return other
  }
  // on paints it on another one of the same size.
  on(c) {
    const { canvas } = this
    c.save()
    c.resetTransform()
    if (canvas.width && canvas.height) c.drawImage(canvas, 0, 0)
    c.restore()
  }
}

// blocksOf divides the rows that are painted: lanes touch each other and are one block, and every sum is one.
function blocksOf(rows) {
  const blocks = []
  let lanes = null
  for (const row of rows) {
    const lane = row.kind === 'lane'
    if (!lane && row.kind !== 'shares' && (row.kind !== 'fold' || row.open)) continue
    if (!lane || !lanes) blocks.push([])
    lanes = lane ? blocks.at(-1) : null
    blocks.at(-1).push(row)
  }
  return blocks
}

// edges returns from where to where rows of a block are painted.
const edges = rows => [rows[0].y - 1, rows.at(-1).y + rows.at(-1).h + (rows[0].lane ? 1 : 2)]

const sameRow = (a, b) => b && a.kind === b.kind && a.key === b.key && a.lane === b.lane && a.open === b.open &&
  a.y === b.y && a.h === b.h

export class Picture {
  constructor(canvas, track) {
    Object.assign(this, { canvas, track, rows: [], width: 0, height: 0, ranked: 0, chosen: new Map(), labels: [] })
    Object.assign(this, { ground: new Layer(), lanes: new Layer(), notes: new Layer() })
    Object.assign(this, { blocks: [], laid: 0, arranged: 0 })
    this.layer = new Layer(canvas)
    this.context = this.layer.context
  }

  // layout gives every lane its row, and reports whether anything has changed. While a run goes on, the ranking of very
  // many lanes is updated once a second.
  layout(width, run, covered) {
    const key = [width, this.track.shape, covered, ...this.chosen].join()
    if (key === this.key && !this.stale(run)) return false
    Object.assign(this, { key, ranked: performance.now(), rankedLive: run.live, laid: this.laid + 1 })
    const { rows: before, width: wide } = this
    Object.assign(this, { width, gutter: width < 520 ? 84 : 128 })
    Object.assign(this, covered ? coveredLayout(this.track) : layout(this.track, run.clock(), this.chosen))
    this.blocks = blocksOf(this.rows)
    // What is painted stays if the rows are where they were: often a sum has only got another lane.
    if (width === wide && this.rows.length === before.length && this.rows.every((row, i) => sameRow(row, before[i]))) {
      for (const [i, { kept, plan }] of before.entries()) Object.assign(this.rows[i], { kept, plan })
    } else {
      this.arranged++
    }
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

  // paint paints what has changed, of the lanes those that lie between top and bottom: the others keep what they show.
  paint(view, theme, run, top = -Infinity, bottom = Infinity) {
    const { context: c, width, height } = this, now = run.clock()
    const resized = this.layer.fit(width, height, theme.ratio)
    if (resized) {
      this.canvas.style.setProperty('height', height + 'px')
      this.lines = null
    }
    if (top > height || bottom < 0) return
    this.paintGround(view, theme)
    let left = Infinity
    if (view.covered) {
      this.tell('')
      this.noted = null
    } else {
      left = this.paintLanes(view, theme, now, top, bottom)
      this.choose(view, theme, run)
      this.note(view, theme)
    }
    const [from, to] = this.changed(view, run, now, left)
    if (from >= to) return
    const { ratio } = theme, x = Math.max(0, Math.floor(from * ratio) / ratio), room = Math.ceil(to * ratio) / ratio - x
    c.save()
    c.beginPath()
    c.rect(x, 0, room, height)
    c.clip()
    c.clearRect(x, 0, room, height)
    this.ground.on(c)
    if (view.covered) {
      this.cover(theme)
    } else {
      this.compose(view, theme, run, now)
      this.notes.on(c)
    }
    c.restore()
  }

  // changed returns from which x to which the picture looks different from the last one, if its lanes do from left on.
  // Most often only lines have moved.
  changed(view, run, now, left) {
    const { selected, covered, seen, cursor, hover } = view, { told, died } = this.track, mark = selected?.mark
    const chosen = mark && [mark[M.AT], endOf(mark, now)]
    const rest = [this.grounded, this.zoom, this.noted, covered, told, died, run.broken, chosen].join()
    const lines = [run.live ? now : null, seen < Infinity ? seen : null, cursor, hover]
      .map(t => t === null ? null : this.x(t, view))
    const before = rest === this.rest && this.lines
    Object.assign(this, { rest, lines })
    if (!before || left <= 0) return [0, this.width]
    let [from, to] = [left, left < this.width ? this.width : 0]
    for (const [i, x] of lines.entries()) {
      if (x === before[i]) continue
      from = Math.min(from, (x ?? 0) - 3, (before[i] ?? 0) - 3)
      to = Math.max(to, (x ?? this.width) + 3, (before[i] ?? this.width) + 3)
    }
    return [from, Math.min(to, this.width)]
  }

  cover({ font, colours }) {
    const { context: c, width, gutter } = this
    c.font = '13px ' + font
    c.fillStyle = colours.quiet
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    c.fillText('covered until you guess', (gutter + width) / 2, this.height / 2, width - gutter)
  }

  // compose lays the layers one upon the other, and paints what moves.
  compose(view, theme, run, now) {
    const { context: c, width, height, gutter } = this
    c.save()
    c.beginPath()
    c.rect(gutter, 0, Math.max(0, Math.min(width, this.x(view.seen, view)) - gutter), height)
    c.clip()
    this.lanes.on(c)
    c.textBaseline = 'middle'
    const { told, died } = this.track
    if (told) this.flag(told, 'SIGTERM', view, theme)
    if (died) this.flag(died, 'the server ended', view, theme)
    if (run.broken) this.flag(run.length, run.broken, view, theme)
    if (run.live) this.line(c, this.x(now, view), theme.colours.quiet, 1)
    if (view.cursor !== null) this.cursor(view, theme)
    if (view.hover !== null) this.line(c, this.x(view.hover, view), theme.colours.quiet, 1, [3, 3])
    this.selection(view, theme, now)
    c.restore()
  }

  // paintGround paints what lies below the lanes, if it is not what is there.
  paintGround(view, theme) {
    const { selected } = view, chosen = selected?.track === this.track ? selected.lane?.id : ''
    const key = [this.laid, view.from, view.to, theme.key, chosen].join()
    if (!this.ground.fit(this.width, this.height, theme.ratio) && key === this.grounded) return
    this.grounded = key
    this.ground.clear()
    this.grid(view, theme)
    this.names(view, theme)
  }

  // paintLanes brings the layer of the lanes between top and bottom up to date: of each block it paints from where it
  // looks different. It returns the leftmost such place.
  paintLanes(view, theme, now, top, bottom) {
    const zoom = [this.arranged, view.from, view.to, theme.key].join(), { gutter, lanes } = this
    const anew = lanes.fit(this.width, this.height, theme.ratio) || zoom !== this.zoom
    if (anew) lanes.clear()
    this.zoom = zoom
    const strips = []
    for (const block of this.blocks) {
      if (anew) for (const row of block) row.kept = row.plan = null
      const rows = block.filter(({ y, h }) => y < bottom && y + h > top)
      let left = Infinity
      for (const row of rows) {
        const { plan } = row, isLane = row.kind === 'lane'
        row.plan = isLane ? planOf(this, row, view, now) : planShares(this, row, view, now)
        if (row.plan === plan) continue
        const parts = plan ? isLane ? parting(plan, row.plan) : sharesParting(this, plan, row.plan) : 0
        left = Math.min(left, parts - reach)
      }
      if (left < this.width) strips.push({ rows, left: Math.max(gutter, left) })
    }
    if (anew) for (const strip of strips) this.strip(lanes.context, strip, gutter, theme)
    else if (strips.length) this.replace(strips, theme)
    return anew ? 0 : Math.min(Infinity, ...strips.map(({ left }) => left))
  }
  // replace paints strips apart, and copies them to their places: a shape has other edges where it is cut off, so they
  // are painted from further left.
  replace(strips, theme) {
    const { context: c, canvas } = this.lanes, { ratio } = theme
    this.spare ??= new Layer()
    this.spare.fit(this.width, this.height, ratio)
    for (const strip of strips) {
      this.strip(this.spare.context, strip, Math.max(this.gutter, strip.left - 3 * reach), theme)
    }
    c.resetTransform()
    for (const { left, rows } of strips) {
      const [top, bottom] = edges(rows), x = Math.floor(left * ratio), y = Math.floor(top * ratio)
      const place = [x, y, canvas.width - x, Math.ceil(bottom * ratio) - y]
      c.clearRect(...place)
      c.drawImage(this.spare.canvas, ...place, ...place)
    }
  }
  // strip paints what of a block of rows lies at x or right of it.
  strip(c, { rows }, x, theme) {
    const [top, bottom] = edges(rows), place = [x, top, this.width - x, bottom - top]
    c.save()
    c.beginPath()
    c.rect(...place)
    c.clip()
    c.clearRect(...place)
    for (const row of rows) {
      if (row.kind === 'lane') {
        c.fillStyle = theme.colours.grid
        c.fillRect(this.gutter, row.y + row.h - 0.5, this.width - this.gutter, 0.5)
        paintPlan(c, theme, row, row.plan, x)
      } else {
        paintShares(c, theme, this, row, row.plan, x)
      }
    }
    c.restore()
  }

  // choose chooses the labels anew if the run, the view or the rows have changed, and not because the film plays.
  choose(view, theme, run) {
    const place = [this.arranged, view.from, view.to, theme.font].join(), { count } = this.track
    const now = performance.now(), moved = place !== this.place
    const soon = run.live && (now - this.named < settled || now - latest < 9)
    if (!moved && (count === this.count && run.live === this.wasLive || soon)) return
    Object.assign(this, { place, count, named: latest = now, wasLive: run.live })
    this.context.font = labelFont + theme.font
    const measure = text => this.context.measureText(text).width
    this.labels = labelsOf(this, view, run.clock(), measure, this.labels)
  }

  tell(words) { if (this.canvas.textContent !== words) this.canvas.textContent = words }

  // note paints the labels of what has happened by the shown moment, if they are not those that are there. As text they
  // are what the canvas contains, for readers who do not see it.
  note({ cursor, seen = Infinity }, { key, font, colours, ratio }) {
    const t = Math.min(cursor ?? Infinity, seen), shown = this.labels.filter(({ at }) => at <= t)
    const { notes, notes: { context: c } } = this, noted = key + shown.map(({ text, x, y }) => [text, x, y]).join()
    if (!notes.fit(this.width, this.height, ratio) && noted === this.noted) return
    this.noted = noted
    this.tell(shown.map(({ text }) => text).join('; '))
    notes.clear()
    c.font = labelFont + font
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

  line(c, x, colour, width, dash = []) {
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
    this.line(this.context, x, colours.accent, 1.5)
  }

  // flag draws when something happened to the server as a whole.
  flag(at, words, view, { font, colours }) {
    const c = this.context, x = this.x(at, view)
    this.line(c, x, colours.ink, 1, [6, 3])
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
      this.line(this.ground.context, Math.round(this.x(t, view)) + 0.5, colours.grid, 1)
    }
  }

  // names writes the names of the lanes that have room for them; the name of a fold is its button.
  names(view, theme) {
    const { context: c } = this.ground, room = this.gutter - 8
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
        text(nameWithin(c, lane, room), y + h / 2 + 0.5, chosen || lane.kind === 'thread')
      }
    }
  }

  // calls returns the calls that a lane shows. Those of a task are shown by its thread, until its steps are long enough
  // to hold them.
  calls(lane, view) { return view.span < 3e7 ? lane.calls : lane.own }

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

// nameWithin leaves out the kind of a lane if there is no room for it.
function nameWithin(c, { name }, room) {
  const [, short] = name.split(/^[a-z]+ (?=.* · )/)
  return short && c.measureText(name).width > room ? short : name
}

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
