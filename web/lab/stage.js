// The stage of a bench: one pane per server on one clock, the transport below it, and the selected mark.
import { Counters } from './counters.js'
import { calm, el, icon, iconButton, onRecolour, say, textButton } from './dom.js'
import { Film, paceOf, paceWords } from './film.js'
import { moment, plural, tickLabel, ticksIn } from './format.js'
import { many } from './layout.js'
import { Legend } from './legend.js'
import { M, endOf, lastBefore } from './model.js'
import { Theme } from './paint.js'
import { makePane } from './pane.js'
import { View } from './picture.js'
import { Detail } from './source.js'
import { Story } from './story.js'
import { activity, sentence } from './words.js'

const paces = [1, 0.2, 0.05, 0.005] // beside that of the film
const closest = 20e3 // ns, the shortest stretch that can be shown
const extents = [0.25, 0.5, 1, 2, 2.5, 3, 4, 6, 8, 10, 12, 15, 20, 30, 45, 60] // s, during a run
const keys = 'Keys in a picture: ← → event, ↑ ↓ lane (folds open), Home End, s source, space plays or ' +
  'pauses, n p next and previous moment of the story, + − zoom, 0 all.'
const rest = 25 // ms: while a run goes on, it is not painted more often, as its servers need the machine
const readable = 200 // ms: while the shown moment goes on, words about it do not change more often
const dense = 0.03 // of the view: a stretch of the story that is shorter is shown larger

export class Stage {
  constructor(name) {
    this.name = name
    this.view = new View()
    this.axis = el('canvas', { class: 'lab-axis', 'aria-hidden': 'true' })
    this.theme = new Theme(this.axis) // its colours are not forced
    this.detail = new Detail()
    this.panes = []
    this.follow = true
    this.film = new Film(this.view, () => {
      this.controls() // now, not with the next frame: the button must do what its label says
      this.draw()
    })
    this.counters = new Counters()
    this.story = new Story(this)
    this.build()
    this.element.addEventListener('keydown', event => this.press(event))
    const sizes = new ResizeObserver(() => this.draw())
    for (const element of [this.element, this.slider]) sizes.observe(element)
    onRecolour(() => {
      if (this.theme.read()) this.draw()
    })
  }

  build() {
    this.list = el('div', { class: 'lab-panes' })
    this.legend = new Legend(this.theme)
    this.hint = el('p', { class: 'lab-hint', id: 'hint-' + this.name }, keys)
    this.deck = el('div', { class: 'lab-deck' }, this.axis, this.story.element, this.buildTransport())
    this.tip = el('p', { class: 'lab-hint' }, 'Click a mark to see the line that made it.')
    this.element = el('div', { class: 'lab-stage' }, this.counters.element, this.list, this.deck, this.tip,
      this.legend.element)
  }
  buildTransport() {
    this.play = iconButton('play', 'Play', () => this.toggle())
    this.back = textButton('Back to live', () => this.goLive(), { class: 'lab-button lab-live', hidden: true })
    this.skip = textButton('Skip to the end', () => this.scrub(Infinity),
      { class: 'lab-button lab-skip', hidden: true })
    this.slider = el('input', {
      type: 'range', class: 'lab-scrub', 'aria-label': 'Moment', min: 0, max: 1000, step: 1, value: 1000,
      oninput: () => this.scrub(this.slider.value / 1000 * this.run.clock()),
    })
    this.time = el('output', { class: 'lab-time' })
    this.pace = el('select', { class: 'lab-select', 'aria-label': 'Speed', onchange: () => this.setPace() })
    return el('div', { class: 'lab-transport', role: 'group', 'aria-label': 'Time' },
      this.play, el('div', { class: 'lab-strip' }, this.story.chapters, this.slider), this.time,
      this.back, this.skip, this.story.begin,
      el('details', { class: 'lab-tools' },
        el('summary', {}, 'Speed, zoom, keys'),
        el('div', { class: 'lab-row' }, this.pace,
          el('span', { class: 'lab-set' },
            iconButton('previous', 'Previous event of the lane', () => this.step(-1)),
            iconButton('next', 'Next event of the lane', () => this.step(1))),
          el('span', { class: 'lab-set' },
            iconButton('minus', 'Zoom out', () => this.zoom(2)),
            iconButton('fit', 'Show all', () => this.fit()),
            iconButton('plus', 'Zoom in', () => this.zoom(0.5)),
            iconButton('left', 'Earlier', () => this.pan(-0.25)),
            iconButton('right', 'Later', () => this.pan(0.25)))),
        this.hint))
  }

  // settle is called when the length of the run is known: that of a live one, when it is over.
  settle() {
    if (!this.run.live) this.list.style.removeProperty('min-height')
    this.paced = this.run.length
    this.showPaces()
  }
  // showPaces offers the pace at which the run is neither too short nor too long, and some others.
  showPaces() {
    const fitting = paceOf(this.run.length), chosen = this.chosen ?? fitting
    const all = [fitting, ...paces.filter(pace => pace !== fitting)]
    if (!all.includes(chosen)) all.push(chosen)
    this.pace.replaceChildren(...all.map(pace =>
      el('option', { value: pace, selected: pace === chosen }, paceWords(pace))))
    this.film.pace = chosen
  }
  setPace() {
    this.film.pace = this.chosen = Number(this.pace.value)
    if (this.film.playing) this.film.now = this.chosen
  }

  // cover hides the answer, and what would give it away: the axis says how long the run was.
  cover(covered) {
    this.view.covered = covered
    this.deck.hidden = this.tip.hidden = covered
  }

  // show puts a run on the stage in place of the former one.
  show(run) {
    this.run = run
    Object.assign(this.view, { from: 0, hover: null, selected: null })
    Object.assign(this, { follow: true, paced: null })
    this.film.show(run)
    this.story.leave()
    this.counters.show(run)
    this.detail.clear()
    this.panes = run.tracks.map(track => makePane(this, track))
    // What is below the pictures stays where it is while the lanes of a live run appear.
    if (run.live) this.list.style.setProperty('min-height', this.list.offsetHeight + 'px')
    this.list.replaceChildren(...this.panes.map(pane => pane.element))
    this.fit()
    if (run.live) this.intoView()
  }

  // over is called once for each run that is played for the first time, live or not, when the reader has seen its end.
  get over() { return this.film.over }
  set over(over) { this.film.over = over }

  // premiere plays the run from the beginning, in view, and hides what is still to come. With reduced motion it shows
  // the end.
  premiere() {
    if (this.run.live) return
    this.film.begin()
    this.story.leave()
    this.fit()
    this.intoView()
    if (calm.matches) this.scrub(Infinity)
    else this.film.play()
  }
  // seek shows a moment.
  seek(ns) {
    this.film.seek(ns)
    if (ns < this.view.from || ns > this.view.to) this.look(ns - this.view.span / 2, ns + this.view.span / 2)
    this.draw()
  }
  // playTo plays to a moment. It returns a promise of whether it got there.
  playTo(ns) {
    if (!calm.matches) return this.film.play(ns)
    this.seek(ns)
    return Promise.resolve(true)
  }
  // showMoment shows the moment of a link, and nothing that comes later unless it was seen before.
  showMoment(time, seen) {
    if (!seen) this.film.begin()
    this.story.seek(time)
    this.intoView()
  }

  // intoView scrolls until counters, pictures and transport are in the window, or as much of them as there is room for.
  intoView() {
    this.paint() // gives the pictures their heights
    const { top } = this.element.getBoundingClientRect()
    const bottom = this.list.getBoundingClientRect().bottom + this.deck.offsetHeight // where it is if it does not stick
    const page = document.documentElement, room = page.clientHeight
    const least = parseFloat(getComputedStyle(page).scrollPaddingTop) - 16 || 0 // below the masthead, and near to it
    const tall = bottom - top > room - least
    let by = tall ? top - least : Math.min(top - least, Math.max(0, bottom - room))
    if (tall && top >= least && top < room / 5) by = 0
    if (by) scrollBy({ top: by, behavior: calm.matches ? 'instant' : 'smooth' })
  }

  paneOf(track) { return this.panes.find(pane => pane.track === track) }

  // select chooses a mark, describes it, and highlights its source.
  select(track, lane, mark) {
    this.view.selected = { track, lane, mark }
    const pane = this.paneOf(track), now = this.run.clock()
    pane?.picture.reveal(lane)
    if (mark) {
      const at = mark[M.AT], { from, to, span } = this.view
      if (endOf(mark, now) < from || at > to) this.look(at - span / 2, at + span / 2)
    }
    // The description of a mark stands below its picture: at the end of the bench it would be out of sight.
    pane?.element.append(this.detail.element)
    this.detail.show(track, lane, mark, now)
    this.draw()
  }
  unselect() {
    this.view.selected = null
    this.detail.clear()
    this.draw()
  }
  source() { if (this.view.selected?.mark) this.detail.code.focus() }

  // lane returns the chosen lane of the pane, or its first.
  lane(pane) {
    const chosen = this.view.selected
    if (chosen && chosen.track === pane.track) return chosen.lane
    return pane.picture.rows.find(row => row.kind === 'lane')?.lane
  }
  // step selects the next or the previous mark of the lane; by an infinite distance, its last or first.
  step(by, pane = this.paneOf(this.view.selected?.track) || this.panes[0]) {
    const lane = pane && !this.view.covered && this.lane(pane)
    const marks = lane ? lane.marks().filter(m => m[M.AT] <= this.view.seen) : []
    if (!marks.length) return
    const chosen = this.view.selected
    let i = chosen?.lane === lane && chosen.mark ? marks.indexOf(chosen.mark) : -1
    if (i < 0) i = lastBefore(marks, this.view.cursor ?? this.view.from) + (by > 0 ? 0 : 1)
    this.select(pane.track, lane, marks[Math.max(0, Math.min(marks.length - 1, i + by))])
  }
  // hop selects the next or the previous lane of the pane, at the moment of the selected mark.
  hop(pane, by) {
    // A closed fold stands for its lanes: stepping on it opens it.
    const lanesOf = row => row.lane || (row.kind === 'fold' && !row.open ? row.lanes.slice(0, many) : [])
    const lanes = pane.picture.rows.flatMap(lanesOf)
    if (!lanes.length || this.view.covered) return
    const chosen = this.view.selected
    let lane = lanes[0]
    if (chosen?.track === pane.track) {
      const to = lanes.indexOf(this.lane(pane)) + by
      lane = lanes[Math.max(0, Math.min(lanes.length - 1, to))]
    }
    const t = chosen?.mark ? chosen.mark[M.AT] : this.view.cursor ?? this.view.from
    const marks = lane.marks()
    this.select(pane.track, lane, lane.bar(t) || marks[Math.max(0, lastBefore(marks, t))] || null)
  }

  // look shows a stretch of time.
  look(from, to) {
    const span = Math.max(closest, to - from), most = Math.max(this.extent(), span)
    this.follow = false
    this.view.from = Math.max(-0.02 * most, Math.min(from, most - span * 0.5))
    this.view.to = this.view.from + span
    this.draw()
  }
  zoom(by, around) {
    const { from, to, cursor, selected } = this.view
    if ((to - from) * by >= this.extent() * 1.01) return this.fit()
    let centre = around ?? cursor ?? selected?.mark?.[M.AT] ?? (from + to) / 2
    if (centre < from || centre > to) centre = (from + to) / 2
    this.look(centre - (centre - from) * by, centre + (to - centre) * by)
  }
  pan(by) { this.look(this.view.from + by * this.view.span, this.view.to + by * this.view.span) }
  fit() {
    this.follow = true
    this.view.from = 0
    this.view.to = this.extent()
    this.draw()
  }
  // extent returns how much there is to show; while a run goes on it grows in steps, so that the picture does not move.
  extent() {
    if (!this.run.live) return Math.max(this.run.length * 1.015, 1e5)
    const now = this.run.clock() * 1.03, least = Math.max(now, this.expected || 0)
    const seconds = extents.find(s => s * 1e9 >= least)
    return seconds ? seconds * 1e9 : now * 1.2
  }

  // frameOf shows a stretch of time that is too short to be seen, or out of sight, larger.
  frameOf(from, to) {
    const all = this.extent(), span = to - from
    if (span > 0 && span < all * dense) this.look(Math.max(0, from - 4 * span), to + 4 * span)
    else if (!this.follow && (span > 0 || to < this.view.from || to > this.view.to)) this.fit()
  }

  // scrub is what the reader does: it leaves the story.
  scrub(t) {
    this.story.leave()
    this.seek(Math.min(t, this.run.live ? t : this.run.length))
  }
  toggle() {
    if (this.view.covered) return
    if (this.run.live && this.view.cursor === null) {
      this.scrub(this.run.clock()) // pause: the view stops, the recording continues
      return
    }
    this.story.leave()
    if (this.film.playing) this.film.stop()
    else this.film.play()
  }
  goLive() {
    this.film.stop()
    this.view.cursor = null
    this.fit()
  }
  // draw requests a new frame; with reduced motion, anything that moves by itself is drawn once a second.
  draw() {
    this.frame ??= requestAnimationFrame(now => {
      this.frame = null
      if (this.run?.live && now - this.painted < rest) return this.draw()
      this.painted = now
      this.paint()
    })
  }
  drawSoon() {
    this.slow ??= setTimeout(() => {
      this.slow = null
      this.draw()
    }, 1000)
  }
  paint() {
    const { run, view, theme } = this
    if (!run || !this.element.isConnected || !this.element.clientWidth) return
    if (theme.ratio !== theme.density()) theme.read()
    // First what is measured: the browser lays out the page for each measurement that comes after a change.
    const widths = this.panes.map(({ canvas }) => canvas.clientWidth), { clientWidth } = this.axis
    const tops = this.panes.map(({ canvas }) => -canvas.getBoundingClientRect().top)
    this.story.place(this.slider)
    if (this.paced !== run.length) this.settle()
    this.film.advance()
    if (view.cursor > view.to && !this.follow) {
      this.look(view.cursor - view.span * 0.1, view.cursor + view.span * 0.9)
    }
    if (this.follow) view.to = this.extent()
    const moves = run.live || this.film.playing, now = performance.now()
    const tells = !moves || view.hover !== null || !(now - this.toldAt < readable)
    if (tells) this.toldAt = now
    for (const [i, pane] of this.panes.entries()) {
      pane.lay(run, widths[i])
      pane.picture.paint(view, theme, run, ...moves ? [tops[i], tops[i] + innerHeight] : [])
      this.story.pins.show(pane)
      if (tells) this.tell(pane)
    }
    this.paintAxis(clientWidth)
    this.legend.show(view.covered ? [] : run.present(view.seen))
    this.controls()
    this.counters.tell(view.covered ? null : view.cursor ?? run.clock())
    if (!moves) return
    if (calm.matches) this.drawSoon()
    else this.draw()
  }

  // press handles the keys that are the same in all of the stage; with a modifier they are the browser's.
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select')) return
    if (this.story.press(event)) event.preventDefault()
  }

  // tell updates the pane's readout and how many events were dropped.
  tell({ track, readout, score }) {
    say(readout, this.readoutOf(track))
    say(score, track.dropped && !this.view.covered ? plural(track.dropped, 'event') + ' dropped' : '')
  }
  // readoutOf returns what a track does at the moment that is pointed at or shown; otherwise what its chosen mark is.
  readoutOf(track) {
    const { run, view } = this, now = run.clock()
    const t = view.covered ? null : view.hover ?? view.cursor ?? (run.live ? now : null)
    if (t !== null) return moment(t, view.span) + '  ' + activity(track, Math.min(t, now), now)
    const { lane, mark } = view.selected?.track === track ? view.selected : {}
    if (!mark) return ''
    const site = track.site(mark)
    return sentence(lane, mark, now) + (site ? ` ${site.file.split('/').pop()}:${site.line}` : '')
  }

  paintAxis(width) {
    const pane = this.panes[0], { axis, theme, view } = this, height = 22, { ratio } = theme
    const shown = [width, view.from, view.to, view.cursor, pane?.picture.gutter, theme.key].join()
    if (!pane || shown === this.axisShows) return
    this.axisShows = shown
    axis.width = Math.round(width * ratio)
    axis.height = Math.round(height * ratio)
    const c = axis.getContext('2d')
    c.setTransform(ratio, 0, 0, ratio, 0, 0)
    c.font = '11px ' + theme.font
    c.textBaseline = 'middle'
    const ticks = ticksIn(view, width - pane.picture.gutter), step = ticks[1] - ticks[0]
    for (const t of ticks) {
      const x = pane.picture.x(t, view)
      c.fillStyle = theme.colours.quiet
      c.fillRect(Math.round(x), 0, 1, 5)
      c.textAlign = x > width - 26 ? 'right' : 'center'
      c.fillText(tickLabel(t, step), x, 13)
    }
    if (view.cursor === null) return
    const x = pane.picture.x(view.cursor, view)
    c.fillStyle = theme.colours.accent
    c.beginPath()
    c.moveTo(x - 5, 8)
    c.lineTo(x + 5, 8)
    c.lineTo(x, 0)
    c.fill()
  }

  // controls updates the shown moment and the labels of the buttons.
  controls() {
    const { run, view } = this, now = run.clock(), t = view.cursor ?? now, words = moment(t, view.span)
    this.slider.value = now ? Math.round(t / now * 1000) : 0
    if (this.time.textContent !== words) this.slider.setAttribute('aria-valuetext', words)
    say(this.time, words)
    this.back.hidden = !run.live || view.cursor === null && this.follow
    this.skip.hidden = !this.film.first || view.covered
    const moves = this.film.playing || run.live && view.cursor === null
    if (this.play.dataset.going === String(moves)) return
    this.play.dataset.going = String(moves)
    this.play.replaceChildren(icon(moves ? 'pause' : 'play'))
    this.play.setAttribute('aria-label', moves ? 'Pause' : 'Play')
  }
}
