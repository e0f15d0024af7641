// The sum of many lanes in one row.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const M = era.M

  // shares draws how many lanes are in which state, as a pile of bands over time, and upon it how they ended.
  era.Picture.prototype.shares = function ({ lanes, y, h }, view, theme, now) {
    const c = this.context, step = 2, columns = Math.ceil((this.width - this.gutter) / step)
    const piles = ['running', 'answering', 'unanswered', 'queued', 'backpressure', 'paused', 'blocked', 'waiting', 'parked', 'idle']
    const change = new Map(piles.map(state => [state, new Int32Array(columns + 2)]))
    const column = (t, round) => Math.min(columns, Math.max(0, round((this.x(t, view) - this.gutter) / step)))
    const add = (counts, from, to) => {
      counts[from]++
      counts[Math.max(to, from + 1)]--
    }
    for (const lane of lanes) {
      for (const m of lane.all('bars')) {
        const counts = change.get(m[M.STATE]), at = m[M.AT], end = era.end(m, now)
        if (!counts || end < view.from || at > view.to) continue
        // What happens is seen however short it is, but not a rest.
        const rests = m[M.STATE] === 'parked' || m[M.STATE] === 'idle', first = column(at, rests ? Math.ceil : Math.floor), last = column(end, Math.ceil)
        if (rests && first === last) continue
        if (!era.turns(lane, m)) {
          add(counts, first, last)
          continue
        }
        add(change.get('parked'), first, last)
        const n = Math.min(m[M.COUNT], last - first)
        for (let i = 0; i < n; i++) add(counts, first + Math.floor(i * (last - first) / n), 0)
      }
    }
    const base = new Float64Array(columns + 1)
    for (const state of piles) {
      const counts = change.get(state)
      let n = 0, any = false
      const top = new Float64Array(columns + 1)
      for (let i = 0; i <= columns; i++) {
        n += counts[i]
        any ||= n > 0
        top[i] = Math.min(h, base[i] + n / lanes.length * h)
      }
      if (any) {
        c.beginPath()
        for (let i = 0; i <= columns; i++) { c.lineTo(this.gutter + i * step, y + h - top[i]); c.lineTo(this.gutter + (i + 1) * step, y + h - top[i]) }
        for (let i = columns; i >= 0; i--) { c.lineTo(this.gutter + (i + 1) * step, y + h - base[i]); c.lineTo(this.gutter + i * step, y + h - base[i]) }
        c.closePath()
        c.fillStyle = state === 'idle' ? theme.colours.grid : theme.brush(c, state)
        c.fill()
        if (era.looks[state].edge) {
          c.strokeStyle = theme.colours.quiet
          c.lineWidth = 0.6
          c.stroke()
        }
      }
      base.set(top)
    }
    c.strokeStyle = theme.colours.grid
    c.lineWidth = 1
    c.strokeRect(this.gutter + 0.5, y + 0.5, this.width - this.gutter, h)
    for (const state of ['returned', 'answered', 'cancelled', 'failed']) {
      if (!this.track.present.has(state)) continue
      const taken = new Set()
      for (const lane of lanes) {
        for (const m of lane.calls) {
          const x = this.x(m[M.AT], view), slot = Math.round(x / 5)
          if (m[M.STATE] !== state || m[M.LANE] !== lane.id || x < this.gutter || taken.has(slot)) continue
          taken.add(slot)
          theme.glyph(c, state, x, y + (state === 'cancelled' ? 14 : 2), 11) // it often comes with an error
        }
      }
    }
  }
})()
