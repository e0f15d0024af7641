// How a state looks: colour, pattern and outline, so that none is told by colour alone. Colours are custom properties
// of lab-states.css; the patterns are drawn here once per theme and pixel ratio.
(function () {
  'use strict'
  const era = globalThis.era ??= {}

  // A tile is 8 by 8 CSS pixels. Each pattern draws its second channel in the ink it is given.
  const tile = 8
  const lines = {
    horizontal: c => { for (const y of [1, 5]) c.fillRect(0, y, tile, 2) },
    vertical: c => { for (const x of [1, 5]) c.fillRect(x, 0, 1.6, tile) },
    diagonal: c => stroke(c, 2.2, [[-2, 10, 10, -2], [-6, 6, 6, -6], [2, 14, 14, 2]]),
    steps: c => stroke(c, 1, [[0, 6, 4, 6], [4, 6, 4, 2], [4, 2, 8, 2]]),
    falling: c => stroke(c, 1, [[-2, -2, 10, 10], [-6, 2, 6, 14], [2, -6, 14, 6]]),
    dots: c => { for (const [x, y] of [[2, 2], [6, 6]]) disc(c, x, y, 1.15) },
    crosses: c => stroke(c, 1.2, [[2, 2, 6, 6], [6, 2, 2, 6]]),
    dash: c => c.fillRect(1, 3.4, 4, 1.2),
    rail: c => c.fillRect(0, 3, tile, 1),
  }
  function stroke(c, width, segments) {
    c.lineWidth = width
    c.beginPath()
    for (const [x0, y0, x1, y1] of segments) { c.moveTo(x0, y0); c.lineTo(x1, y1) }
    c.stroke()
  }
  function disc(c, x, y, r) {
    c.beginPath()
    c.arc(x, y, r, 0, 7)
    c.fill()
  }

  // fill: opacity of the colour below the pattern; ink: what the pattern is drawn in; edge: outlined with ink.
  const looks = {
    running: { fill: 1 },
    waiting: { fill: 0.16, pattern: 'horizontal', ink: 'own' },
    blocked: { fill: 1, pattern: 'diagonal', ink: 'paper', soft: 0.62 },
    parked: { fill: 0.1, pattern: 'rail', ink: 'own' }, // in a sum; on a lane it is a thin line
    queued: { fill: 1, pattern: 'dots', ink: 'dark', edge: true },
    unanswered: { fill: 0.6, pattern: 'falling', ink: 'dark', soft: 0.5, edge: true },
    answering: { fill: 1, pattern: 'steps', ink: 'dark', soft: 0.55, edge: true },
    paused: { fill: 0, pattern: 'dash', ink: 'ink', soft: 0.8 },
    backpressure: { fill: 1, pattern: 'vertical', ink: 'dark', edge: true },
    idle: { fill: 0, edge: true, soft: 0.35 },
    again: { fill: 0.22, pattern: 'crosses', ink: 'own' },
    failed: { fill: 0.5, pattern: 'crosses', ink: 'ink' },
    called: { fill: 0.55 },
    answered: { fill: 1 },
    returned: { fill: 1 },
    cancelled: { fill: 1 },
  }
  era.looks = looks

  // Theme reads the colours in force and keeps the patterns made of them.
  era.Theme = class Theme {
    constructor(element) {
      this.element = element
      this.read()
    }
    density() { return Math.min(globalThis.devicePixelRatio || 1, 3) }
    // read takes the colours as they are now; true when they changed.
    read() {
      const css = getComputedStyle(this.element), colours = {}
      for (const name of ['paper', 'ink', 'quiet', 'grid', 'accent', 'veil', 'dark', ...Object.keys(looks)]) {
        colours[name] = css.getPropertyValue('--lab-' + name).trim() || '#888'
      }
      const font = css.fontFamily, ratio = this.density()
      const key = JSON.stringify([colours, font, ratio])
      if (key === this.key) return false
      Object.assign(this, { key, colours, font, ratio, patterns: new Map() })
      return true
    }
    // brush is the fill style of a state for a canvas.
    brush(c, state) {
      if (this.patterns.has(state)) return this.patterns.get(state)
      const look = looks[state] || looks.called, colour = this.colours[state] || this.colours.ink
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = Math.round(tile * this.ratio)
      const t = canvas.getContext('2d')
      t.scale(canvas.width / tile, canvas.height / tile)
      t.globalAlpha = look.fill
      t.fillStyle = colour
      t.fillRect(0, 0, tile, tile)
      if (look.pattern) {
        t.globalAlpha = look.soft || 1
        t.fillStyle = t.strokeStyle = look.ink === 'own' ? colour : this.colours[look.ink]
        lines[look.pattern](t)
      }
      const pattern = c.createPattern(canvas, 'repeat')
      pattern.setTransform(new DOMMatrix().scale(1 / this.ratio))
      this.patterns.set(state, pattern)
      return pattern
    }
    // bar draws a state from x0 to x1.
    bar(c, state, x0, x1, y, h) {
      const w = x1 - x0, look = looks[state] || looks.called
      if (state === 'parked') {
        const thick = h < 7 ? 1 : 2
        c.fillStyle = this.colours.parked
        c.fillRect(x0, y + (h - thick) / 2, Math.max(w, 1), thick)
        return
      }
      if (w < 2.5) {
        c.globalAlpha = look.fill || 0.5
        c.fillStyle = this.colours[state] || this.colours.ink
        c.fillRect(x0, y, Math.max(w, 1.2), h)
        c.globalAlpha = 1
        return
      }
      if (state !== 'idle') {
        c.fillStyle = this.brush(c, state)
        c.fillRect(x0, y, w, h)
      }
      if (h < 5) {
        if (state === 'idle') { c.globalAlpha = 0.3; c.fillStyle = this.colours.quiet; c.fillRect(x0, y + h / 2 - 0.5, w, 1); c.globalAlpha = 1 }
        return
      }
      if (look.edge) {
        c.strokeStyle = state === 'idle' ? this.colours.quiet : this.colours.ink
        c.globalAlpha = look.soft || 0.8
        c.lineWidth = 1
        c.strokeRect(x0 + 0.5, y + 0.5, Math.max(w - 1, 0.5), h - 1)
        c.globalAlpha = 1
      }
    }
    // turns draws n steps between x0 and x1, or as many as there is room for.
    turns(c, x0, x1, y, h, n) {
      const apart = Math.max(3, (x1 - x0) / n)
      c.fillStyle = this.colours.running
      for (let x = x0; x < x1; x += apart) c.fillRect(x, y, 1.2, h)
    }
    // glyph draws a moment: a tick for a call, ✕ for EAGAIN, ✕ on a disc for an error, ✓ for a reply, ○ for a return and
    // a barred ○ for a cancellation.
    glyph(c, state, x, y, h) {
      const colour = this.colours[state] || this.colours.ink, r = Math.max(1.5, Math.min(h / 2 - 0.5, state === 'failed' || state === 'answered' ? 5.5 : 4)), m = y + h / 2
      c.lineWidth = Math.max(1, r / 2.6)
      c.strokeStyle = c.fillStyle = colour
      switch (state) {
        case 'called':
          c.fillRect(x - 0.6, y + h * 0.18, 1.2, h * 0.64)
          return
        case 'again':
          cross(c, x, m, r * 0.8)
          return
        case 'failed':
          disc(c, x, m, r)
          c.strokeStyle = this.colours.paper
          cross(c, x, m, r * 0.5)
          return
        case 'returned':
        case 'cancelled':
          c.fillStyle = this.colours.paper
          disc(c, x, m, r * 0.85)
          c.lineWidth = Math.max(1, r / 2.4)
          c.stroke()
          if (state === 'returned') return
          c.beginPath()
          c.moveTo(x - r * 0.6, m + r * 0.6)
          c.lineTo(x + r * 0.6, m - r * 0.6)
          c.stroke()
          return
        case 'answered':
          disc(c, x, m, r)
          if (r < 3) return
          c.strokeStyle = this.colours.paper
          c.beginPath()
          c.moveTo(x - r * 0.5, m)
          c.lineTo(x - r * 0.1, m + r * 0.42)
          c.lineTo(x + r * 0.55, m - r * 0.42)
          c.stroke()
          return
      }
      c.fillRect(x - 0.6, y, 1.2, h)
    }
    // sample draws a state as the legend shows it.
    sample(canvas, state) {
      const w = 30, h = 14
      canvas.width = Math.round(w * this.ratio)
      canvas.height = Math.round(h * this.ratio)
      const c = canvas.getContext('2d')
      c.scale(canvas.width / w, canvas.height / h)
      if (era.states[state].bar) this.bar(c, state, 1, w - 1, 1, h - 2)
      else this.glyph(c, state, w / 2, 1, h - 2)
    }
  }
  function cross(c, x, y, r) {
    c.beginPath()
    c.moveTo(x - r, y - r); c.lineTo(x + r, y + r)
    c.moveTo(x + r, y - r); c.lineTo(x - r, y + r)
    c.stroke()
  }
})()
