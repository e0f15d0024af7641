// The stage of a bench: one pane per server on one clock, the transport below it and what is chosen on it.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el, M } = era
  const speeds = [[1, 'real time'], [0.25, '4 × slower'], [0.05, '20 × slower'], [0.005, '200 × slower']]
  const closest = 20e3 // ns, the shortest stretch that can be shown

  era.Stage = class Stage {
    constructor(mount, name) {
      this.name = name
      this.view = new era.View()
      this.theme = new era.Theme(mount)
      this.detail = new era.Detail()
      this.panes = []
      this.follow = true
      this.playing = 0 // the frame's time when playing, 0 when not
      this.speed = 1
      this.build()
      new ResizeObserver(() => this.draw()).observe(this.element)
      const again = () => { if (this.theme.read()) { this.legendKey = ''; this.draw() } }
      matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again)
      new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
    }

    build() {
      const button = era.button
      this.list = el('div', { class: 'lab-panes' })
      this.axis = el('canvas', { class: 'lab-axis', 'aria-hidden': 'true' })
      this.legend = el('ul', { class: 'lab-legend', 'aria-label': 'Legend' })
      this.play = button('play', 'Play', () => this.toggle())
      this.back = el('button', { type: 'button', class: 'lab-button lab-live', hidden: true, onclick: () => this.goLive() }, 'Back to live')
      this.slider = el('input', { type: 'range', class: 'lab-scrub', 'aria-label': 'Moment', min: 0, max: 1000, step: 1, value: 1000, oninput: () => this.scrub(this.slider.value / 1000 * this.run.clock()) })
      this.time = el('output', { class: 'lab-time' })
      this.pace = el('select', { class: 'lab-select', 'aria-label': 'Speed', onchange: () => { this.speed = Number(this.pace.value) } },
        ...speeds.map(([value, label]) => el('option', { value }, label)))
      this.transport = el('div', { class: 'lab-transport', role: 'group', 'aria-label': 'Time' },
        el('span', { class: 'lab-set' }, button('previous', 'Previous event of the lane', () => this.step(-1)), this.play, button('next', 'Next event of the lane', () => this.step(1))),
        this.slider, this.time, this.back, this.pace,
        el('span', { class: 'lab-set' }, button('minus', 'Zoom out', () => this.zoom(2)), button('fit', 'Show all', () => this.fit()), button('plus', 'Zoom in', () => this.zoom(0.5)),
          button('left', 'Earlier', () => this.pan(-0.25)), button('right', 'Later', () => this.pan(0.25))))
      this.hint = el('p', { class: 'lab-hint', id: 'hint-' + this.name }, 'Click a mark, or focus a picture and use the keys: ← → event, ↑ ↓ lane (a row that is folded opens), Home End, s source, space plays or pauses, + − zoom, 0 all.')
      this.element = el('div', { class: 'lab-stage' }, this.list, this.axis, this.transport, this.legend, this.hint)
    }

    // show puts a run on the stage in the place of the one before.
    show(run) {
      this.run = run
      Object.assign(this.view, { from: 0, cursor: null, hover: null, selected: null })
      Object.assign(this, { follow: true, playing: 0, legendKey: '' })
      this.detail.clear()
      this.panes = run.tracks.map(track => era.pane(this, track))
      this.list.replaceChildren(...this.panes.map(pane => pane.element))
      this.fit()
    }

    // select chooses a mark, says it, and lights its source.
    select(track, lane, mark) {
      this.view.selected = { track, lane, mark }
      this.panes.find(pane => pane.track === track)?.picture.reveal(lane)
      if (mark) {
        const at = mark[M.AT], end = era.end(mark, this.run.clock())
        if (end < this.view.from || at > this.view.to) this.look(at - this.view.span / 2, at + this.view.span / 2)
      }
      // What is said of a mark stands below its picture: at the end of the bench it would be out of sight.
      this.panes.find(pane => pane.track === track)?.element.append(this.detail.element)
      this.detail.show(track, lane, mark, this.run.clock())
      this.draw()
    }
    unselect() {
      this.view.selected = null
      this.detail.clear()
      this.draw()
    }
    source() { if (this.view.selected?.mark) this.detail.code.focus() }

    // lane is the chosen lane of the pane, or its first.
    lane(pane) {
      const chosen = this.view.selected
      if (chosen && chosen.track === pane.track) return chosen.lane
      return pane.picture.rows.find(row => row.kind === 'lane')?.lane
    }
    // step chooses the next mark of the lane, or the one before; from an infinite distance, its last or first.
    step(by, pane = this.panes.find(pane => pane.track === this.view.selected?.track) || this.panes[0]) {
      const lane = pane && !this.view.covered && this.lane(pane)
      const marks = lane ? lane.marks() : []
      if (!marks.length) return
      const chosen = this.view.selected
      let i = chosen?.lane === lane && chosen.mark ? marks.indexOf(chosen.mark) : -1
      if (i < 0) i = era.last(marks, this.view.cursor ?? this.view.from) + (by > 0 ? 0 : 1)
      this.select(pane.track, lane, marks[Math.max(0, Math.min(marks.length - 1, i + by))])
    }
    hop(pane, by) {
      // A fold that is closed stands for its lanes: to step on it opens it.
      const lanes = pane.picture.rows.flatMap(row => row.lane || (row.kind === 'fold' && !row.open ? row.lanes.slice(0, 300) : []))
      if (!lanes.length || this.view.covered) return
      const chosen = this.view.selected, here = lanes.indexOf(this.lane(pane))
      const lane = chosen?.track === pane.track ? lanes[Math.max(0, Math.min(lanes.length - 1, here + by))] : lanes[0]
      const t = chosen?.mark ? chosen.mark[M.AT] : this.view.cursor ?? this.view.from
      const marks = lane.marks()
      this.select(pane.track, lane, lane.bar(t) || marks[Math.max(0, era.last(marks, t))] || null)
    }

    // look shows a stretch of time.
    look(from, to) {
      const span = Math.max(closest, to - from), most = Math.max(this.extent(), span)
      this.follow = false
      this.view.from = Math.max(-0.02 * most, Math.min(from, most - span * 0.5))
      this.view.to = this.view.from + span
      this.draw()
    }
    zoom(by, around = this.view.cursor ?? this.view.selected?.mark?.[M.AT] ?? (this.view.from + this.view.to) / 2) {
      const { from, to } = this.view
      if ((to - from) * by >= this.extent() * 1.01) return this.fit()
      if (around < from || around > to) around = (from + to) / 2
      this.look(around - (around - from) * by, around + (to - around) * by)
    }
    pan(by) { this.look(this.view.from + by * this.view.span, this.view.to + by * this.view.span) }
    fit() {
      this.follow = true
      this.view.from = 0
      this.view.to = this.extent()
      this.draw()
    }
    // extent is how much there is to show; while a run goes on it grows in steps, so that the picture stays put.
    extent() {
      if (!this.run.live) return Math.max(this.run.length * 1.015, 1e5)
      const now = this.run.clock() * 1.03
      return [0.25, 0.5, 1, 2, 2.5, 3, 4, 6, 8, 10, 12, 15, 20, 30, 45, 60].map(s => s * 1e9).find(t => t >= now && t >= (this.expected || 0)) ?? now * 1.2
    }

    scrub(t) {
      this.stop()
      this.view.cursor = t >= this.run.clock() && !this.run.live ? null : t
      if (t < this.view.from || t > this.view.to) this.look(t - this.view.span / 2, t + this.view.span / 2)
      this.draw()
    }
    toggle() {
      if (this.view.covered) return
      if (this.run.live && this.view.cursor === null) {
        this.scrub(this.run.clock()) // pause: the view stands still, the recording goes on
        return
      }
      if (this.playing) return this.stop()
      this.view.cursor ??= 0
      this.playing = performance.now()
      this.controls() // now, not with the next picture: the button must do what it says
      this.draw()
    }
    stop() { this.playing = 0; this.controls(); this.draw() }
    goLive() {
      this.stop()
      this.view.cursor = null
      this.fit()
    }
    advance() {
      const now = performance.now()
      this.view.cursor += (now - this.playing) * 1e6 * this.speed
      this.playing = now
      if (this.view.cursor > this.view.to && !this.follow) this.look(this.view.cursor - this.view.span * 0.1, this.view.cursor + this.view.span * 0.9)
      if (this.view.cursor < this.run.clock()) return
      this.view.cursor = null
      this.playing = 0
    }

    // draw asks for a new picture; with motion to be reduced, what moves by itself is drawn once a second.
    draw() { this.frame ??= requestAnimationFrame(() => { this.frame = null; this.paint() }) }
    paint() {
      const { run, view, theme } = this
      if (!run || !this.element.isConnected || !this.element.clientWidth) return
      if (theme.ratio !== theme.density()) theme.read()
      if (this.playing) this.advance()
      if (this.follow) view.to = this.extent()
      for (const pane of this.panes) {
        pane.lay(run)
        pane.picture.paint(view, theme, run)
        this.tell(pane)
      }
      this.clock()
      this.explain()
      this.controls()
      if (!run.live && !this.playing) return
      if (!era.calm.matches) this.draw()
      else this.slow ??= setTimeout(() => { this.slow = null; this.draw() }, 1000)
    }

    tell(pane) {
      const { run, view } = this, t = this.view.covered ? null : view.hover ?? view.cursor ?? (run.live ? run.clock() : null)
      const chosen = view.selected?.track === pane.track && view.selected.mark, site = chosen && pane.track.site(chosen)
      const said = t === null ? chosen ? era.say(view.selected.lane, chosen, run.clock()) + (site ? ' ' + site.file.split('/').pop() + ':' + site.line : '') : '' : era.moment(t, view.span) + '  ' + era.at(pane.track, Math.min(t, run.clock()), run.clock())
      if (pane.readout.textContent !== said) pane.readout.textContent = said
      const { answered, sent, dropped } = pane.track
      const score = this.view.covered ? '' : `${era.number(answered)} of ${era.number(sent)} answered` + (dropped ? `, ${era.number(dropped)} events dropped` : '')
      if (pane.score.textContent !== score) pane.score.textContent = score
    }

    clock() {
      const pane = this.panes[0]
      if (!pane) return
      const { axis, theme, view } = this, width = axis.clientWidth, height = 22, ratio = theme.ratio
      axis.width = Math.round(width * ratio)
      axis.height = Math.round(height * ratio)
      const c = axis.getContext('2d')
      c.setTransform(ratio, 0, 0, ratio, 0, 0)
      c.font = '11px ' + theme.font
      c.textBaseline = 'middle'
      const ticks = era.ticks(view, width - pane.picture.gutter), step = ticks[1] - ticks[0]
      for (const t of ticks) {
        const x = pane.picture.x(t, view)
        c.fillStyle = theme.colours.quiet
        c.fillRect(Math.round(x), 0, 1, 5)
        c.textAlign = x > width - 26 ? 'right' : 'center'
        c.fillText(t === 0 ? '0' : era.tick(t, step), x, 13)
      }
      if (view.cursor === null) return
      c.fillStyle = theme.colours.accent
      const x = pane.picture.x(view.cursor, view)
      c.beginPath()
      c.moveTo(x - 5, 8); c.lineTo(x + 5, 8); c.lineTo(x, 0)
      c.fill()
    }

    explain() {
      const present = this.view.covered ? [] : this.run.present(), key = present.join()
      if (key === this.legendKey) return
      this.legendKey = key
      this.legend.replaceChildren(...present.map(state => {
        const canvas = el('canvas', { class: 'lab-swatch', 'aria-hidden': 'true' })
        this.theme.sample(canvas, state)
        return el('li', { title: era.states[state].means }, canvas, era.states[state].word)
      }))
    }

    controls() {
      const { run, view } = this, t = view.cursor ?? run.clock(), going = this.playing || run.live && view.cursor === null
      this.slider.value = run.clock() ? Math.round(t / run.clock() * 1000) : 0
      const said = era.moment(t, run.clock())
      this.time.textContent = said
      this.slider.setAttribute('aria-valuetext', said)
      this.back.hidden = !run.live || view.cursor === null && this.follow
      if (this.play.dataset.going !== String(!!going)) {
        this.play.dataset.going = String(!!going)
        this.play.replaceChildren(era.icon(going ? 'pause' : 'play'))
        this.play.setAttribute('aria-label', going ? 'Pause' : 'Play')
        this.play.title = going ? 'Pause' : 'Play'
      }
    }
  }

  // tick names a moment on the axis when ticks are a step apart.
  era.tick = (t, step) => {
    if (step >= 1e9) return Math.round(t / 1e9) + ' s'
    if (step >= 1e8) return (t / 1e9).toFixed(1) + ' s'
    const digits = Math.max(0, 6 - Math.floor(Math.log10(step) + 1e-9))
    return (t / 1e6).toFixed(digits) + ' ms'
  }
})()
