// A bench: what a lab block becomes when scripts run. It shows the recorded run, asks for a guess first, and, served by
// serve, runs the experiment on the reader's own machine.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el } = era

  // amount reads a knob's value: 20, "20", "250ms" or "2s"; durations in ms.
  const amount = era.amount = text => {
    const [, n, unit] = /^\s*([\d.]+)\s*(ms|s)?/.exec(String(text)) || [, NaN]
    return Number(n) * (unit === 's' ? 1000 : 1)
  }

  era.Bench = class Bench {
    constructor(section) {
      const { lab, scenario, servers, settings, measure, predict } = section.dataset
      Object.assign(this, { section, name: lab, scenario, measure: measure || '' })
      this.servers = servers.split(/[\s,]+/).filter(Boolean).map(s => s.replace(/\/go$/, ''))
      this.settings = Object.fromEntries(Object.entries(JSON.parse(settings || '{}')).map(([k, v]) => [k, amount(v)]))
      this.asked = { ...this.settings } // those that the question speaks of
      this.question = predict || section.querySelector('.lab-question')?.textContent.trim() || ''
      this.mount = section.querySelector('.bench')
      this.revealed = !this.question || !!era.store.get('seen ' + lab)
      this.caption = section.querySelector('.lab-caption') // it says what came of it
      if (this.caption) this.caption.hidden = !this.revealed
      this.busy = false
      this.build()
    }

    build() {
      this.stage = new era.Stage(this.mount, this.name)
      this.status = el('p', { class: 'lab-status', role: 'status' })
      this.said = el('div', { class: 'lab-said', role: 'status' })
      this.after = el('div', { class: 'lab-after' })
      this.note = el('p', { class: 'lab-note' })
      this.controls = new era.Controls(this)
      this.mount.replaceChildren(this.controls.element, this.status, this.said, this.note, this.stage.element, this.after)
    }

    // open brings the bench to life; called once, when it comes near the window.
    async open() {
      if (this.opened) return
      this.opened = true
      await era.styled
      this.stage.theme.read()
      if (this.section.querySelector('.lab-empty')) {
        if (!era.live.served) return // the block's own words say that there is no recorded run yet
        this.empty()
      } else {
        try {
          this.show(era.Run.recorded(await era.load('recordings/' + this.name + '.js')))
          this.state = 'recorded'
          if (this.revealed) this.finished()
        } catch (error) {
          if (!era.live.served) return console.warn(error.message) // the static picture stays
          this.empty()
        }
      }
      this.reveal()
      this.controls.refresh()
      if (!era.live.served) return
      era.live.watchers.push(() => this.controls.refresh())
      era.live.connect().then(() => this.controls.refresh(), () => {}) // who may not run is told how to come by it
    }

    empty() {
      this.note.textContent = 'No recorded run yet: press Run to make one.'
      this.stage.element.hidden = true
    }

    // reveal puts the bench in the place of the static picture.
    reveal() {
      this.mount.hidden = false
      this.section.classList.add('lab-alive')
    }

    show(run) {
      this.run = run
      this.stage.element.hidden = false
      this.stage.view.covered = !this.revealed
      this.stage.show(run)
      this.note.replaceChildren(...(run.made ? ['Recorded on ', run.machine, ', ', run.made, '. The same servers, the same bytes at the same moments, one clock.'] : []))
    }

    // commit is called when the reader has guessed, or chose not to; guesses are by server, {} for none.
    commit(guesses) {
      this.revealed = true
      era.store.set('seen ' + this.name, true)
      if (Object.keys(guesses).length) era.store.set('guess ' + this.name, guesses)
      if (this.caption) this.caption.hidden = false
      this.stage.view.covered = false
      this.stage.legendKey = ''
      this.controls.refresh()
      if (!this.run) return
      if (era.calm.matches) this.stage.draw()
      else this.stage.toggle()
      this.finished()
    }

    // state is for style sheets and tests: recorded, asking, running, done, failed.
    set state(state) { this.section.dataset.state = state }

    async start() {
      this.busy = true
      this.state = 'asking'
      this.said.classList.add('lab-before') // pale until the new words come, so that the pictures below stay where they are
      this.after.replaceChildren()
      this.status.textContent = 'Asking serve …'
      this.controls.refresh()
      try {
        await era.live.run(this, { servers: this.servers, scenario: this.scenario, settings: this.settings, seed: 1 })
      } catch (error) {
        this.frame({ type: 'error', text: error.message })
      }
    }

    // frame takes what serve says of this bench's run.
    frame(frame) {
      switch (frame.type) {
        case 'phase':
          this.status.textContent = frame.text
          return
        case 'started': {
          const run = new era.Run(frame.experiment.servers)
          run.live = true
          this.state = 'running'
          this.stage.expected = this.run?.length || 0
          this.show(run)
          this.status.textContent = 'Running on this machine …'
          return
        }
        case 'batch':
          if (this.run?.live) this.run.batch(frame)
          return
        case 'done':
          this.busy = false
          this.state = 'done'
          this.run.finish(frame.result, frame.length)
          if (this.stage.follow) this.stage.fit()
          this.status.textContent = 'Done.'
          this.finished()
          this.controls.refresh()
          return
        case 'error':
          this.busy = false
          this.state = 'failed'
          if (this.said.classList.contains('lab-before')) this.said.replaceChildren()
          this.status.textContent = frame.text
          if (this.run?.live) {
            this.run.live = false
            this.run.length = this.run.now
            this.stage.draw()
          }
          this.controls.refresh()
      }
    }

    // finished shows what is left of a run that is over.
    finished() {
      const run = this.run
      if (!run?.result) return
      const guesses = era.store.get('guess ' + this.name) || {}, name = this.name
      const link = el('button', { type: 'button', class: 'lab-button', onclick: () => this.copy(link) }, 'Copy link to this experiment')
      this.said.classList.remove('lab-before')
      const asked = Object.entries(this.asked).every(([knob, value]) => amount(run.result.settings[knob]) === value)
      const grades = this.question && this.measure && asked ? era.graded(run, this.measure, guesses) : null
      const question = grades && el('p', { class: 'lab-asked' }, this.question) // the form that asked it is gone
      this.said.replaceChildren(...[question, grades, era.verdicts(run)].filter(Boolean))
      this.after.replaceChildren(
        era.table(run),
        era.events(run, (track, lane, mark) => {
          this.stage.select(track, lane, mark)
          this.stage.panes.find(pane => pane.track === track)?.canvas.scrollIntoView({ block: 'nearest' })
        }),
        el('p', { class: 'lab-take' },
          el('button', { type: 'button', class: 'lab-button', onclick: () => era.download(name + '.json', era.chrome(run)) }, 'Download for Perfetto'), ' ', link),
      )
    }

    async copy(button) {
      const url = new URL('#lab-' + this.name + '?' + new URLSearchParams({ servers: this.servers.join(), ...this.settings }), location.href)
      history.replaceState(history.state, '', url)
      try {
        await navigator.clipboard.writeText(String(url))
        button.textContent = 'Copied'
      } catch {
        button.textContent = 'The link is in the address bar'
      }
    }
    // take reads the settings of a link.
    take(query) {
      this.linked = true
      for (const [key, value] of new URLSearchParams(query)) {
        if (key === 'servers') this.servers = value.split(',').filter(s => /^[a-z][a-z-]*(\/[a-z]+)?$/.test(s)).slice(0, 4)
        else if (/^[a-z]+$/.test(key) && Number.isFinite(Number(value))) this.settings[key] = Number(value)
      }
      this.controls.refresh()
    }
  }
})()
