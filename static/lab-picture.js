// The picture of one track: lanes on a canvas. All pictures of a bench share one view, so that one moment is one
// vertical line through all of them.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const M = era.M

  // View is the stretch of time on show, in ns, and what is pointed at. A covered view hides the lanes' content until the
  // reader has guessed.
  era.View = class View {
    constructor() { Object.assign(this, { from: 0, to: 1e9, cursor: null, hover: null, selected: null, covered: false }) }
    get span() { return this.to - this.from }
  }

  era.Picture = class Picture {
    constructor(canvas, track) {
      Object.assign(this, { canvas, track, rows: [], width: 0, height: 0, ranked: 0, opened: new Set() })
      this.context = canvas.getContext('2d')
    }

    // layout gives every lane its row, and tells whether anything has changed. The ranking of very many lanes is done anew
    // once a second while a run goes on.
    layout(width, run) {
      const key = [width, this.track.shape, ...this.opened].join()
      const stale = this.rows.some(row => row.kind === 'shares') && (run.live ? performance.now() - this.ranked > 1000 : this.rankedLive)
      if (key === this.key && !stale) return false
      Object.assign(this, { width, key, ranked: performance.now(), rankedLive: run.live, gutter: width < 520 ? 84 : 128 })
      Object.assign(this, era.layout(this.track, run.clock(), this.opened))
      return true
    }
    // toggle opens a fold, or closes it.
    toggle(key) { if (!this.opened.delete(key)) this.opened.add(key) }
    // reveal opens the fold that a lane is in.
    reveal(lane) { if (!this.rows.some(row => row.lane === lane)) this.opened.add(era.foldOf(lane)) }

    x(t, view) { return this.gutter + (t - view.from) / view.span * (this.width - this.gutter - 10) }
    time(x, view) { return view.from + (x - this.gutter) / (this.width - this.gutter - 10) * view.span }

    paint(view, theme, run) {
      const { canvas, context: c, width, height } = this, { colours, ratio } = theme
      const w = Math.round(width * ratio), h = Math.round(height * ratio)
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w
        canvas.height = h
        canvas.style.setProperty('height', height + 'px')
      }
      c.setTransform(ratio, 0, 0, ratio, 0, 0)
      c.clearRect(0, 0, width, height)
      this.grid(view, theme)
      this.labels(theme, view)
      if (view.covered) {
        c.font = '13px ' + theme.font
        c.fillStyle = colours.quiet
        c.textAlign = 'center'
        c.fillText('covered until you have guessed', (this.gutter + width) / 2, height / 2, width - this.gutter)
        return
      }
      c.save()
      c.beginPath()
      c.rect(this.gutter, 0, width - this.gutter, height)
      c.clip()
      const now = run.clock()
      for (const row of this.rows) {
        if (row.kind === 'lane') this.lane(row, view, theme, now)
        else if (!row.open) this.shares(row, view, theme, now)
      }
      if (this.track.told) this.told(view, theme)
      if (run.live) this.line(this.x(now, view), colours.quiet, 1)
      if (view.cursor !== null) {
        const x = this.x(view.cursor, view)
        c.fillStyle = colours.veil
        c.fillRect(x, 0, width - x, height)
        this.line(x, colours.accent, 1.5)
      }
      if (view.hover !== null) this.line(this.x(view.hover, view), colours.quiet, 1, [3, 3])
      this.selection(view, theme, now)
      c.restore()
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

    // told is when the server was told to end.
    told(view, { font, colours }) {
      const c = this.context, x = this.x(this.track.told, view)
      this.line(x, colours.ink, 1, [6, 3])
      c.font = '10px ' + font
      c.textAlign = 'left'
      c.fillStyle = colours.ink
      c.fillText('SIGTERM', x + 4, this.height - 7)
    }

    grid(view, theme) {
      for (const t of era.ticks(view, this.width - this.gutter)) this.line(Math.round(this.x(t, view)) + 0.5, theme.colours.grid, 1)
    }

    labels(theme, view) {
      const c = this.context, room = this.gutter - 8
      c.textBaseline = 'middle'
      c.textAlign = 'right'
      const text = (label, y, strong) => {
        c.fillStyle = strong ? theme.colours.ink : theme.colours.quiet
        c.fillText(label, this.gutter - 7, y, room)
      }
      let group = null
      for (const row of this.rows) {
        const chosen = view.selected && view.selected.lane === row.lane && view.selected.track === this.track
        c.font = `${chosen ? '600 ' : ''}${row.h >= 20 ? 12 : row.h >= 12 ? 11 : 10}px ${theme.font}`
        if (row.kind === 'fold') {
          group = null // its button says it
        } else if (row.kind === 'shares') {
          text(row.label, row.y + 8, true)
          text('summed up', row.y + 22)
          group = null
        } else if (row.h >= 9) {
          const [, short] = row.lane.name.split(/^[a-z]+ (?=.* · )/) // the kind goes first where there is no room
          text(short && c.measureText(row.lane.name).width > room ? short : row.lane.name, row.y + row.h / 2 + 0.5, chosen || row.lane.kind === 'thread')
        } else {
          const name = row.lane.kind === 'connection' ? row.lane.group || 'clients' : row.lane.kind + 's'
          if (name !== group) text(name, row.y + 6)
          group = name
        }
      }
    }

    // lane draws bars first, then calls upon them. What would fall on the same pixel is drawn once.
    lane({ lane, y, h }, view, theme, now) {
      const c = this.context, thread = lane.kind === 'thread'
      c.fillStyle = theme.colours.grid
      c.fillRect(this.gutter, y + h - 0.5, this.width - this.gutter, 0.5)
      let edge = -1
      const bar = m => {
        const end = era.end(m, now)
        if (end < view.from) return
        const x0 = Math.max(this.x(m[M.AT], view), this.gutter - 4), x1 = Math.min(this.x(end, view), this.width + 4)
        if (x1 - edge < 0.5) return
        if (era.turns(lane, m) && x1 - x0 > 6) {
          theme.bar(c, 'parked', x0, x1, y, h)
          theme.turns(c, x0, x1, y, h, m[M.COUNT])
        } else {
          theme.bar(c, m[M.STATE], Math.max(x0, edge), x1, y, h)
        }
        edge = Math.max(x0 + 1, x1)
      }
      const { bars } = lane, calls = this.calls(lane, view)
      const each = wanted => {
        edge = -1
        for (let i = Math.max(0, era.last(bars, view.from) - 4); i < bars.length && bars[i][M.AT] <= view.to; i++) if (wanted(bars[i])) bar(bars[i])
        for (const m of lane.open) if (lane.list(m) === 'bars' && wanted(m)) bar(m)
      }
      if (thread || lane.kind === 'connection') {
        each(() => true)
      } else { // a step is short, and lies upon the wait
        each(m => m[M.STATE] !== 'running')
        each(m => m[M.STATE] === 'running')
      }
      const low = Math.max(2.5, h * 0.34)
      for (const m of h < 4 ? [] : lane.all('held')) {
        const x0 = this.x(m[M.AT], view), x1 = this.x(era.end(m, now), view)
        if (x1 > this.gutter && x0 < this.width) theme.bar(c, m[M.STATE], Math.max(x0, this.gutter - 4), Math.min(x1, this.width + 4), y + h - low, low)
      }
      const seen = {}, ends = []
      for (let i = Math.max(0, era.last(calls, view.from) - 8); i < calls.length && calls[i][M.AT] <= view.to; i++) {
        const m = calls[i], state = m[M.STATE], x0 = this.x(m[M.AT], view), x1 = this.x(era.end(m, now), view)
        if (x1 < this.gutter - 6) continue
        if (x1 - x0 >= 3 && h >= 3) {
          const low = thread ? y + h * 0.25 : y + h * 0.2, tall = thread ? h * 0.5 : h * 0.6
          if (!(x1 - seen.bar < 1 && seen.state === state)) {
            c.fillStyle = theme.colours.paper
            c.fillRect(x0, low, x1 - x0, tall)
            theme.bar(c, state, x0, x1, low, tall)
          }
          seen.bar = x1
          seen.state = state
          continue
        }
        const near = state === 'called' ? 1.2 : state === 'again' ? 5 : 4
        if (x0 - (seen[state] ?? -99) < near) continue
        seen[state] = x0
        if (state !== 'called' && state !== 'again') ends.push([state, x0])
        else theme.glyph(c, state, x0, y, h)
      }
      for (const [state, x0] of ends) theme.glyph(c, state, x0, y, h)
    }

    // calls are those that a lane shows. Those of a task are told by its thread, until its steps are long enough to hold them.
    calls(lane, view) {
      const all = lane.calls
      return lane.kind === 'thread' || lane.kind === 'connection' || view.span < 3e7 ? all : all.filter(m => m[M.LANE] === lane.id)
    }

    selection(view, theme, now) {
      const chosen = view.selected
      if (!chosen || chosen.track !== this.track || !chosen.mark) return
      const row = this.rows.find(row => row.lane === chosen.lane)
      if (!row) return
      const c = this.context, x0 = this.x(chosen.mark[M.AT], view), x1 = this.x(era.end(chosen.mark, now), view)
      c.strokeStyle = theme.colours.paper
      for (const [width, colour] of [[4, theme.colours.paper], [2, theme.colours.accent]]) {
        c.lineWidth = width
        c.strokeStyle = colour
        c.strokeRect(Math.max(x0 - 4, this.gutter + 1), row.y - 2, Math.min(x1, this.width - 2) - Math.max(x0 - 4, this.gutter + 1) + 4, row.h + 4)
      }
    }

    // near is the step of a task that is drawn nearest to t; null when none is within reach.
    near(lane, t, reach) {
      const { bars } = lane
      let best = null, distance = reach * 0.5
      for (let i = era.last(bars, t + distance); i >= 0 && i > era.last(bars, t - distance) - 2; i--) {
        const m = bars[i], away = Math.max(m[M.AT] - t, t - m[M.AT] - m[M.TOOK], 0)
        if (m[M.STATE] === 'running' && away < distance) { best = m; distance = away }
      }
      return best
    }

    // at finds what is drawn at a point: {lane, mark}, mark null on an empty stretch; {fold}; null beside the lanes.
    at(x, y, view, now) {
      const row = this.rows.find(row => y >= row.y - 1 && y < row.y + row.h + 1)
      if (row?.kind === 'fold') return { fold: row.key }
      if (row?.kind !== 'lane') return null
      const t = this.time(x, view), reach = this.time(x + 5, view) - t
      const calls = this.calls(row.lane, view)
      let best = null, distance = reach
      for (let i = era.last(calls, t + reach); i >= 0 && i > era.last(calls, t - reach) - 40; i--) {
        const m = calls[i], away = Math.max(m[M.AT] - t, t - era.end(m, now), 0)
        if (away < distance) { best = m; distance = away }
      }
      const held = y > row.y + row.h * 0.6 && row.lane.bar(t, 'held')
      const step = row.lane.kind === 'thread' || row.lane.kind === 'connection' ? null : this.near(row.lane, t, reach)
      return { lane: row.lane, mark: best || held || step || row.lane.bar(t) || row.lane.bar(t + reach) || row.lane.bar(t - reach) }
    }
  }

  // ticks are round moments in the view, so far apart that their labels have room.
  era.ticks = (view, width) => {
    const least = view.span / Math.max(2, width / 76)
    const power = 10 ** Math.floor(Math.log10(least))
    const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= least)
    const ticks = []
    for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) ticks.push(t)
    return ticks
  }
})()
