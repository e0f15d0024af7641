// The strip below a machine: lanes in the lab's signs, one column for each choice, and the branches on the same scale.
// Its slider is the way through them without a pointer.
import { el, onRecolour } from '../lab/dom.js'
import { Theme } from '../lab/paint.js'
import { lanesOf } from './lanes.js'

const height = 13, gap = 4, widest = 16 // px: of a lane, between lanes, of a column
const room = 6.5 // em, for the names

export class Strip {
  // go is called with the moment that the reader wants to see.
  constructor(name, go) {
    this.go = go
    this.canvas = el('canvas', { class: 'st-canvas', 'aria-hidden': 'true', onpointerdown: event => this.point(event) })
    this.slider = el('input', { type: 'range', class: 'st-slider', min: 0, step: 1, 'aria-label': `Step of ${name}`,
      oninput: () => this.go(this.line[this.slider.value]) })
    this.branches = el('ul', { class: 'st-branches', 'aria-label': 'Branches' })
    Object.assign(this, { width: 0, names: 0, longest: 1 })
    this.element = el('div', { class: 'st-strip' }, this.canvas, this.slider, this.branches)
    this.theme = new Theme(this.canvas) // its colours are not forced
    onRecolour(() => {
      if (this.theme.read()) this.draw()
    })
    new ResizeObserver(() => {
      this.theme.read() // the first time it is in the page
      this.measure()
      this.draw()
    }).observe(this.element)
  }

  show(world) {
    const { line, now, leaves } = world
    Object.assign(this, { line, now, lanes: lanesOf(line) })
    this.slider.max = line.length - 1
    this.slider.value = now.n
    this.slider.setAttribute('aria-valuetext', `step ${now.n} of ${line.length - 1}`)
    this.longest = Math.max(...leaves.map(({ n }) => n)) + 1
    this.fit()
    this.draw()
    this.showBranches(leaves)
  }
  showBranches(leaves) {
    const end = this.line.at(-1), here = new Set(this.line)
    this.branches.hidden = leaves.length < 2
    if (leaves.length < 2) return
    this.branches.replaceChildren(...leaves.slice(-12).map(leaf => {
      let fork = leaf
      while (fork.parent && (leaf === end ? fork.parent.children.length < 2 : !here.has(fork))) fork = fork.parent
      const text = leaf === end ? `This branch: ${leaf.n} steps` : `Parts at ${fork.n}: ${leaf.n} steps`
      const button = el('button', { type: 'button', class: 'st-branch', onclick: () => this.go(leaf) }, text)
      if (leaf === end) button.setAttribute('aria-current', 'true')
      button.style.marginInlineStart = `calc(${room}em + ${this.column * fork.n}px)`
      return el('li', {}, button)
    }))
  }

  // measure asks for what costs a layout, once for a size.
  measure() {
    this.width = this.element.clientWidth
    this.names = parseFloat(getComputedStyle(this.element).fontSize) * room
    this.fit()
  }
  // fit makes the columns as wide as there is room.
  fit() { this.column = Math.min(widest, Math.max(1, (this.width - this.names - 12) / this.longest)) }
  point(event) {
    const x = event.clientX - this.canvas.getBoundingClientRect().left - this.names
    const moment = this.line[Math.max(0, Math.min(this.line.length - 1, Math.floor(x / this.column)))]
    if (moment) this.go(moment)
  }

  draw() {
    if (!this.lanes || !this.width) return
    const { theme, canvas, width, names, column } = this
    const ratio = theme.density(), tall = (height + gap) * this.lanes.length + 14
    this.slider.style.marginInlineStart = names - 8 + 'px'
    this.slider.style.width = Math.max(48, column * this.line.length + 16) + 'px'
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(tall * ratio)
    canvas.style.height = tall + 'px'
    const c = canvas.getContext('2d')
    c.scale(ratio, ratio)
    c.font = `12px ${theme.font}`
    c.textBaseline = 'middle'
    this.lanes.forEach((lane, i) => this.lane(c, lane, 12 + i * (height + gap), names, column))
    c.fillStyle = theme.colours.accent
    this.line.forEach((moment, x) => { // what no calm machine would have chosen
      if (moment.strays) diamond(c, names + (x + 0.5) * column, 5, 4)
    })
    const at = names + (this.now.n + 0.5) * column
    c.fillRect(at - 0.75, 0, 1.5, tall)
  }
  lane(c, lane, y, names, column) {
    const { theme } = this
    c.fillStyle = theme.colours.quiet
    c.fillText(lane.name, 0, y + height / 2, names - 8)
    c.globalAlpha = 1
    const x = at => names + at * column
    for (const { state, from, to } of lane.spans) theme.bar(c, state, x(from), x(to), y, height)
    if (column < 3) return
    for (const { state, at } of lane.marks) theme.glyph(c, state, names + (at + 0.5) * column, y, height)
  }
}

function diamond(c, x, y, r) {
  c.beginPath()
  c.moveTo(x, y - r)
  c.lineTo(x + r, y)
  c.lineTo(x, y + r)
  c.lineTo(x - r, y)
  c.fill()
}
