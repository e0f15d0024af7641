// The film of the first page: two servers' lanes on one clock, painted up to the present moment and no further.
import { states } from '../lab/data.js'
import { calm, onRecolour } from '../lab/dom.js'
import { moment, tickLabel, ticksIn } from '../lab/format.js'
import { M, Run, endOf } from '../lab/model.js'
import { Theme } from '../lab/paint.js'
import { rowsOf } from './rows.js'
import { activity, answered, longestWait } from './tally.js'

const steps = 0.1 // s: a slower screen, or a page that was hidden, jumps no further
const room = 10 // px, at the right of the lanes

export class Film {
  constructor(element, film) {
    this.film = film
    this.axis = element.querySelector('.film-axis')
    this.sides = [...element.querySelectorAll('.film-side')].map(side => ({
      canvas: side.querySelector('canvas'),
      name: side.querySelector('b').textContent,
      does: side.querySelector('.film-does'),
      count: side.querySelector('.film-count'),
    }))
    this.theme = new Theme(this.axis) // its colours are not forced
    this.show(this.recorded())
    new ResizeObserver(() => this.draw()).observe(this.axis)
    onRecolour(() => {
      if (this.theme.read()) this.draw()
    })
  }

  recorded() {
    const run = new Run(this.film.tracks)
    this.film.tracks.forEach((track, i) => run.tracks[i].add(track))
    run.now = run.length = this.film.length
    return run
  }

  // show puts a run at its beginning.
  show(run) {
    this.run = run
    this.now = 0
    this.ends = null
    this.draw()
  }

  // asks tells that the film stands still for its question.
  get asks() { return !this.run.live && !this.ends && this.now === this.film.stop }
  get extent() { return Math.max(this.film.length, this.run.clock()) * 1.02 }
  get group() { return this.film.groups.at(-1).name }

  // play lets the clock go on up to a moment of the run, and resolves there. A later call takes over.
  play(to) {
    this.to = to
    this.before = 0
    return new Promise(resolve => {
      this.ends = resolve
      this.draw()
    })
  }
  // jump is there at once.
  jump(to) {
    this.now = to
    this.ends = null
    this.draw()
  }

  draw() {
    this.frame ??= requestAnimationFrame(at => {
      this.frame = null
      this.advance(at)
      this.paint()
      if (this.ends || this.run.live && !calm.matches) this.draw()
    })
  }
  advance(at) {
    if (this.run.live) {
      this.now = this.run.clock()
      return
    }
    if (!this.ends) return
    if (this.before) this.now += Math.min((at - this.before) / 1000, steps) * 1e9 / this.film.slower
    this.before = at
    if (this.now < this.to) return
    const { ends } = this
    this.now = this.to
    this.ends = null
    ends()
  }

  paint() {
    if (this.theme.ratio !== this.theme.density()) this.theme.read()
    const over = !this.run.live && this.now >= this.run.length
    this.sides.forEach((side, i) => {
      const track = this.run.tracks[i]
      this.lanes(side.canvas, track, i === 0 && this.asks)
      set(side.count, String(answered(track, this.group, this.now)))
      set(side.does, over ? this.longest(track) : this.film.signs[activity(track, this.now)] || '')
      if (!this.ends) side.canvas.setAttribute('aria-label', this.describe(side))
    })
    this.clock()
  }
  longest(track) {
    const wait = longestWait(track, this.group)
    return wait === null ? '' : `longest wait ${(wait / 1e9).toFixed(3)} s`
  }

  // describe says in words what a picture shows now.
  describe({ name, count, does }) {
    const rest = does.textContent && ', ' + does.textContent
    return `${name} at ${moment(this.now, this.run.length)}: ${count.parentNode.textContent}${rest}.`
  }

  context(canvas) {
    const { ratio, font } = this.theme, width = canvas.clientWidth, height = canvas.clientHeight
    const w = Math.round(width * ratio), h = Math.round(height * ratio)
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h })
    const c = canvas.getContext('2d')
    c.setTransform(ratio, 0, 0, ratio, 0, 0)
    c.clearRect(0, 0, width, height)
    c.font = '12px ' + font
    c.textBaseline = 'middle'
    this.gutter = Math.max(...['server', ...this.film.groups.map(g => g.say)].map(s => c.measureText(s).width)) + 10
    this.scale = (width - this.gutter - room) / this.extent
    return { c, width, height }
  }
  x(t) { return this.gutter + t * this.scale }

  // lanes paints a track; asks puts a question mark where the future is.
  lanes(canvas, track, asks) {
    const { c, width, height } = this.context(canvas), { colours } = this.theme
    const { server, groups } = rowsOf(height, this.film.groups.map(group => group.lanes))
    c.fillStyle = colours.grid
    for (const [t] of this.ticks(width)) c.fillRect(Math.round(this.x(t)), 0, 1, height)
    c.textAlign = 'right'
    c.fillStyle = colours.quiet
    c.fillText('server', this.gutter - 8, server.y + server.h / 2)
    groups.forEach(({ y, step, lanes }, i) => {
      c.fillText(this.film.groups[i].say, this.gutter - 8, y + Math.min(step * lanes / 2, 9))
    })
    const thread = track.lanes.find(lane => lane?.kind === 'thread')
    if (thread) this.lane(c, thread, server.y, server.h)
    groups.forEach((row, i) => {
      const lanes = track.lanes.filter(l => l?.kind === 'connection' && l.group === this.film.groups[i].name)
      lanes.slice(0, row.lanes).forEach((lane, n) => this.lane(c, lane, row.y + n * row.step, row.h))
    })
    c.fillStyle = colours.accent
    if (asks) {
      c.font = `600 ${height / 3}px ` + this.theme.font
      c.textAlign = 'center'
      c.fillText('?', (this.x(this.now) + width) / 2, height / 2)
    }
    c.fillRect(this.x(this.now) - 0.75, 0, 1.5, height)
  }

  // lane draws how a lane has been up to now.
  lane(c, lane, y, h) {
    const { now, theme } = this
    for (const m of lane.all('bars')) {
      if (m[M.AT] <= now) theme.bar(c, m[M.STATE], this.x(m[M.AT]), this.x(Math.min(endOf(m, now), now)), y, h)
    }
    for (const m of lane.calls) {
      if (m[M.AT] > now || m[M.CALL] || !states[m[M.STATE]]?.end) continue
      const r = Math.max(h, 7) // larger than a low lane
      theme.glyph(c, m[M.STATE], this.x(m[M.AT]), y + (h - r) / 2, r)
    }
  }

  // ticks returns those of the time that has passed: how long the run will be would answer the question.
  ticks(width) {
    const all = ticksIn({ from: 0, to: this.extent, span: this.extent }, width - this.gutter)
    return all.filter(t => t <= this.now).map(t => [t, tickLabel(t, all[1] - all[0])])
  }
  clock() {
    const { c, width } = this.context(this.axis), { colours } = this.theme
    c.fillStyle = colours.quiet
    for (const [t, label] of this.ticks(width)) {
      c.fillRect(Math.round(this.x(t)), 0, 1, 4)
      c.textAlign = 'center'
      c.fillText(label, Math.min(this.x(t), width - 18), 13)
    }
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text
}
