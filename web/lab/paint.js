// How a state is drawn: colour, pattern and outline, so that no state depends on colour alone. Colours are custom
// properties of states.css; the patterns are drawn here once per theme and pixel ratio.
import { states } from './data.js'

const tile = 8 // CSS pixels, the width and height of a pattern

// path strokes lines through points.
function path(c, ...lines) {
  c.beginPath()
  for (const [first, ...rest] of lines) {
    c.moveTo(...first)
    for (const point of rest) c.lineTo(...point)
  }
  c.stroke()
}

function disc(c, x, y, r) {
  c.beginPath()
  c.arc(x, y, r, 0, 7)
  c.fill()
}

const cross = (c, x, y, r) => path(c, [[x - r, y - r], [x + r, y + r]], [[x + r, y - r], [x - r, y + r]])

// The glyphs of moments, in a circle of radius r around x and y.
const glyphs = {
  cross: (c, x, y, r) => cross(c, x, y, r * 0.8),
  error: (c, x, y, r, paper) => {
    disc(c, x, y, r)
    c.strokeStyle = paper
    cross(c, x, y, r * 0.5)
  },
  ring,
  barred: (c, x, y, r, paper) => {
    ring(c, x, y, r, paper)
    path(c, [[x - r * 0.6, y + r * 0.6], [x + r * 0.6, y - r * 0.6]])
  },
  check: (c, x, y, r, paper) => {
    disc(c, x, y, r)
    if (r < 3) return
    c.strokeStyle = paper
    path(c, [[x - r * 0.5, y], [x - r * 0.1, y + r * 0.42], [x + r * 0.55, y - r * 0.42]])
  },
}

function ring(c, x, y, r, paper) {
  c.fillStyle = paper
  disc(c, x, y, r * 0.85)
  c.lineWidth = Math.max(1, r / 2.4)
  c.stroke()
}

// Theme reads the current colours and keeps the patterns made of them.
export class Theme {
  constructor(element) {
    this.element = element
    this.read()
  }

  density() { return Math.min(globalThis.devicePixelRatio || 1, 3) }

  // read reads the current colours; it returns true if they changed.
  read() {
    const probe = document.createElement('span'), css = getComputedStyle(probe), colours = {}
    this.element.append(probe)
    for (const name of ['paper', 'ink', 'quiet', 'grid', 'accent', 'veil', 'dark', ...Object.keys(states)]) {
      probe.style.color = `var(--lab-${name}, #888)`
      colours[name] = css.color // a canvas does not know light-dark()
    }
    probe.remove()
    const font = getComputedStyle(this.element).fontFamily, ratio = this.density()
    const key = JSON.stringify([colours, font, ratio])
    if (key === this.key) return false
    Object.assign(this, { key, colours, font, ratio, brushes: new Map() })
    return true
  }

  // brush returns the fill style of a state for a canvas.
  brush(c, state) {
    if (!this.brushes.has(state)) this.brushes.set(state, this.makeBrush(c, state))
    return this.brushes.get(state)
  }

  makeBrush(c, state) {
    const look = states[state] || states.called, colour = this.colours[state] || this.colours.ink
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = Math.round(tile * this.ratio)
    const t = canvas.getContext('2d')
    t.scale(canvas.width / tile, canvas.height / tile)
    t.globalAlpha = look.fill
    t.fillStyle = colour
    t.fillRect(0, 0, tile, tile)
    if (look.pattern) {
      t.globalAlpha = look.soft || 1
      t.strokeStyle = look.ink === 'own' ? colour : this.colours[look.ink]
      t.lineWidth = look.width
      t.lineCap = 'round'
      t.stroke(new Path2D(look.pattern))
    }
    const pattern = c.createPattern(canvas, 'repeat')
    pattern.setTransform(new DOMMatrix().scale(1 / this.ratio))
    return pattern
  }

  // bar draws a state from x0 to x1.
  bar(c, state, x0, x1, y, h) {
    const w = x1 - x0, look = states[state] || states.called
    if (state === 'parked') {
      const thick = h < 7 ? 1 : 2
      c.fillStyle = this.colours.parked
      c.fillRect(x0, y + (h - thick) / 2, Math.max(w, 1), thick)
    } else if (w < 2.5) {
      c.globalAlpha = look.fill || 0.5
      c.fillStyle = this.colours[state] || this.colours.ink
      c.fillRect(x0, y, Math.max(w, 1.2), h)
      c.globalAlpha = 1
    } else if (state === 'idle' && h < 5) {
      c.globalAlpha = 0.3
      c.fillStyle = this.colours.quiet
      c.fillRect(x0, y + h / 2 - 0.5, w, 1)
      c.globalAlpha = 1
    } else {
      this.box(c, state, look, x0, y, w, h)
    }
  }

  // box fills a rectangle with the state's pattern, and outlines it.
  box(c, state, look, x, y, w, h) {
    if (state !== 'idle') {
      c.fillStyle = this.brush(c, state)
      c.fillRect(x, y, w, h)
    }
    if (!look.edge || h < 5) return
    c.strokeStyle = state === 'idle' ? this.colours.quiet : this.colours.ink
    c.globalAlpha = look.soft || 0.8
    c.lineWidth = 1
    c.strokeRect(x + 0.5, y + 0.5, Math.max(w - 1, 0.5), h - 1)
    c.globalAlpha = 1
  }

  // tear tears the right edge of a bar that was cut off.
  tear(c, x, y, h) {
    const teeth = Math.max(2, Math.round(h / 5)), depth = Math.min(5, h / 2 + 1)
    c.fillStyle = this.colours.paper
    c.beginPath()
    for (let i = 0; i <= 2 * teeth; i++) c.lineTo(i % 2 ? x - depth : x + 1, y + i * h / (2 * teeth))
    c.fill()
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
    const shape = states[state]?.glyph
    c.fillStyle = c.strokeStyle = this.colours[state] || this.colours.ink
    if (shape === 'tick') {
      c.fillRect(x - 0.6, y + h * 0.18, 1.2, h * 0.64)
    } else if (glyphs[shape]) {
      const most = shape === 'error' || shape === 'check' ? 5.5 : 4
      const r = Math.max(1.5, Math.min(h / 2 - 0.5, most))
      c.lineWidth = Math.max(1, r / 2.6)
      glyphs[shape](c, x, y + h / 2, r, this.colours.paper)
    } else {
      c.fillRect(x - 0.6, y, 1.2, h)
    }
  }

  // sample draws a state for the legend.
  sample(canvas, state) {
    const w = 30, h = 14
    canvas.width = Math.round(w * this.ratio)
    canvas.height = Math.round(h * this.ratio)
    const c = canvas.getContext('2d')
    c.scale(canvas.width / w, canvas.height / h)
    if (states[state].glyph) this.glyph(c, state, w / 2, 1, h - 2)
    else this.bar(c, state, 1, w - 1, 1, h - 2)
  }
}
