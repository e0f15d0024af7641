// A bench: what a lab block becomes when scripts run. It shows the recorded run, asks for a guess first, and, if the
// page comes from serve, runs the experiment on the reader's own machine.
import { Controls } from './controls.js'
import { sideBySide } from './data.js'
import { calm, download, el, textButton } from './dom.js'
import { eventsTable } from './events.js'
import { live } from './live.js'
import { load } from './load.js'
import { Run } from './model.js'
import { graded, resultsTable, verdicts } from './results.js'
import { styled } from './sheet.js'
import { Stage } from './stage.js'
import { store } from './store.js'
import { unpack } from './unpack.js'

export class Bench {
  constructor(section) {
    const { lab, scenario, servers, settings, measure, predict } = section.dataset
    Object.assign(this, { section, name: lab, scenario, measure: measure || '' })
    this.servers = servers.split(/[\s,]+/).filter(Boolean).map(s => s.replace(/\/go$/, ''))
    this.settings = JSON.parse(settings || '{}')
    this.asked = { ...this.settings } // the settings that the question is about
    this.question = predict || section.querySelector('.lab-question')?.textContent.trim() || ''
    this.mount = section.querySelector('.bench')
    this.revealed = !this.question || !!store.get('seen ' + lab)
    this.caption = section.querySelector('.lab-caption') // it says what the result was
    if (this.caption) this.caption.hidden = !this.revealed
    this.busy = false
    this.build()
  }

  build() {
    this.stage = new Stage(this.mount, this.name)
    this.status = el('p', { class: 'lab-status', role: 'status' })
    this.said = el('div', { class: 'lab-said', role: 'status' })
    this.after = el('div', { class: 'lab-after' })
    this.note = el('p', { class: 'lab-note' })
    this.controls = new Controls(this)
    this.mount.replaceChildren(
      this.controls.element, this.status, this.said, this.note, this.stage.element, this.after)
  }

  // state is for style sheets and tests: recorded, asking, running, done, failed.
  set state(state) { this.section.dataset.state = state }

  // open activates the bench when it comes near the window.
  async open() {
    if (this.opened) return
    this.opened = true
    await styled
    this.stage.theme.read()
    if (!await this.showRecorded()) {
      if (!live.served) return // the static picture stays, or the block's own words that there is no recorded run yet
      this.note.textContent = 'No recorded run yet: press Run to make one.'
      this.stage.element.hidden = true
    }
    this.mount.hidden = false
    this.section.classList.add('lab-alive') // the bench takes the place of the static picture
    this.controls.refresh()
    if (!live.served) return
    live.watchers.push(() => this.controls.refresh())
    try {
      await live.connect()
      this.controls.refresh()
    } catch { /* the watcher shows how to get the right to run */ }
  }

  // showRecorded reports whether there is a recorded run to show.
  async showRecorded() {
    if (this.section.querySelector('.lab-empty')) return false
    try {
      const { recording, ...decided } = await load('recordings/' + this.name + '.js')
      this.show(Run.recorded({ recording: unpack(recording), ...decided }))
      this.state = 'recorded'
      if (this.revealed) this.finished()
      return true
    } catch (error) {
      if (!live.served) console.warn(error.message)
      return false
    }
  }

  show(run) {
    this.run = run
    this.stage.element.hidden = false
    this.stage.view.covered = !this.revealed
    this.stage.show(run)
    this.note.textContent = run.made
      ? `Recorded on ${run.machine}, ${run.made}. The same servers, the same bytes at the same moments, one clock.`
      : ''
  }

  // commit is called when the reader has guessed, or chose not to; guesses are by server, {} for none.
  commit(guesses) {
    this.revealed = true
    store.set('seen ' + this.name, true)
    if (Object.keys(guesses).length) store.set('guess ' + this.name, guesses)
    if (this.caption) this.caption.hidden = false
    this.stage.view.covered = false
    this.controls.refresh()
    if (!this.run) return
    if (calm.matches) this.stage.draw()
    else this.stage.toggle()
    this.finished()
  }

  async start() {
    this.busy = true
    this.state = 'asking'
    // The sentences of the former run stay, pale, until the new ones come, so that the pictures below do not move.
    this.said.classList.add('lab-before')
    this.after.replaceChildren()
    this.status.textContent = 'Asking serve …'
    this.controls.refresh()
    const { servers, scenario, measure } = this, settings = { ...this.settings }
    this.ran = settings
    try {
      await live.run(this, { servers, scenario, settings, measure, seed: 1 })
    } catch (error) {
      this.failed(error.message)
    }
  }

  // frame handles a message of serve about this bench's run.
  frame(frame) {
    switch (frame.type) {
      case 'phase':
        this.status.textContent = frame.text
        return
      case 'started':
        this.started(frame.experiment)
        return
      case 'batch':
        if (this.run?.live) this.run.batch(frame)
        return
      case 'done':
        this.done(frame)
        return
      case 'error':
        this.failed(frame.text)
    }
  }

  started(experiment) {
    const run = new Run(experiment.servers)
    run.live = true
    this.state = 'running'
    this.stage.expected = this.run?.length || 0
    this.show(run)
    this.status.textContent = 'Running on this machine …'
  }

  done(frame) {
    this.busy = false
    this.state = 'done'
    this.run.finish(frame)
    if (this.stage.follow) this.stage.fit()
    this.status.textContent = 'Done.'
    this.finished()
    this.controls.refresh()
  }

  failed(text) {
    this.busy = false
    this.state = 'failed'
    if (this.said.classList.contains('lab-before')) this.said.replaceChildren()
    this.status.textContent = text
    if (this.run?.live) {
      this.run.live = false
      this.run.length = this.run.now
      this.stage.draw()
    }
    this.controls.refresh()
  }

  // finished shows the results of a finished run.
  finished() {
    const { run } = this
    if (!run?.result) return
    this.said.classList.remove('lab-before')
    this.said.replaceChildren(...this.grades(run), verdicts(run))
    const show = (track, lane, mark) => {
      this.stage.select(track, lane, mark)
      this.stage.paneOf(track)?.canvas.scrollIntoView({ block: 'nearest' })
    }
    const save = textButton('Download for Perfetto', () => this.takeTrace())
    const link = textButton('Copy link to this experiment', () => this.copy(link))
    this.after.replaceChildren(
      resultsTable(run), eventsTable(run, show), el('p', { class: 'lab-take' }, save, ' ', link))
  }

  // grades repeats the question, whose form is gone, and grades the guesses, if the run has the settings of the
  // question.
  grades(run) {
    const isAsked = run.made || Object.entries(this.asked).every(([knob, value]) => this.ran[knob] === value)
    if (!this.question || !run.measured || !isAsked) return []
    const grades = graded(run, store.get('guess ' + this.name) || {})
    return grades ? [el('p', { class: 'lab-asked' }, this.question), grades] : []
  }

  // takeTrace downloads the trace of the run. That of a recorded run is a file; that of another run comes from serve,
  // which keeps it while the tab is connected and runs nothing else.
  async takeTrace() {
    if (this.run.made) {
      el('a', { href: `recordings/${this.name}.trace.json.gz`, download: '' }).click()
      return
    }
    const trace = await live.trace(this)
    if (trace) download(this.name + '.trace.json', trace)
    else this.status.textContent = 'Serve no longer has this run: run it again.'
  }

  async copy(button) {
    const query = new URLSearchParams({ servers: this.servers.join(), ...this.settings })
    const url = new URL(`#lab-${this.name}?${query}`, location.href)
    history.replaceState(history.state, '', url)
    try {
      await navigator.clipboard.writeText(String(url))
      button.textContent = 'Copied'
    } catch {
      button.textContent = 'The link is in the address bar'
    }
  }

  // take applies the settings of a link.
  take(query) {
    this.linked = true
    for (const [key, value] of new URLSearchParams(query)) {
      if (key === 'servers') {
        const names = value.split(',').filter(s => /^[a-z][a-z-]*(\/[a-z]+)?$/.test(s))
        this.servers = names.slice(0, sideBySide)
      } else if (/^[a-z]+$/.test(key) && Number.isFinite(Number(value))) {
        this.settings[key] = Number(value)
      }
    }
    this.controls.refresh()
  }
}
