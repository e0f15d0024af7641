// A bench: what a lab block becomes when scripts run. It shows the recorded run, asks for a guess first, and, if the
// page comes from serve, runs the experiment on the reader's own machine. The runs are kept, and shown by tabs.
import { did } from '../page/did.js'
import { Controls } from './controls.js'
import { download, el, textButton } from './dom.js'
import { duration } from './format.js'
import { gradeList, recall } from './guess.js'
import { Share, linkTo, nsOf, setupOf } from './link.js'
import { live } from './live.js'
import { load } from './load.js'
import { Run } from './model.js'
import { up } from './places.js'
import { Progress } from './progress.js'
import { resultsTable, verdicts } from './results.js'
import { Kept, changes, comparable, since, together } from './runs.js'
import { styled } from './sheet.js'
import { Stage } from './stage.js'
import { Tabs } from './tabs.js'
import { unpack } from './unpack.js'

export class Bench {
  constructor(section) {
    const { lab, scenario, servers, settings, measure, guess } = section.dataset
    Object.assign(this, { section, name: lab, scenario, measure: measure || '' })
    this.guess = JSON.parse(guess || 'null') // how the question is to be answered, null without one
    this.servers = servers.split(/[\s,]+/).filter(Boolean).map(s => s.replace(/\/go$/, ''))
    this.settings = JSON.parse(settings || '{}')
    this.own = this.asked = this.setup // of the block, and that of the question
    this.question = this.guess && section.querySelector('.lab-question').textContent.trim()
    this.mount = section.querySelector('.bench')
    this.revealed = !this.question || !!recall(this)
    this.caption = section.querySelector('.lab-caption') // it says what the result of the recorded run was
    if (this.caption) this.caption.hidden = !this.revealed
    this.busy = false
    this.kept = new Kept()
    this.run = null // on the stage: one of those kept, or two of them together
    this.build()
  }

  // setup returns what the next run is made of.
  get setup() { return { servers: [...this.servers], settings: { ...this.settings } } }
  // limits returns the knobs of the scenario and what they may be together: those of serve's machine, if it is there.
  get limits() { return live.ready?.scenarios.find(({ name }) => name === this.scenario) ?? this.recordedLimits }
  get knobs() { return this.limits?.knobs }

  build() {
    this.stage = new Stage(this.name)
    this.stage.over = () => this.seen()
    this.link = el('p', { class: 'lab-notice lab-link', hidden: true })
    this.status = el('p', { class: 'lab-status', role: 'status' })
    this.progress = new Progress()
    this.other = el('p', { class: 'lab-notice lab-other', role: 'status', hidden: true })
    this.said = el('div', { class: 'lab-said', role: 'status' })
    this.after = el('div', { class: 'lab-after' })
    this.note = el('p', { class: 'lab-note' })
    this.share = new Share(() => this.sharedLink())
    this.panel = el('div', { id: 'run-' + this.name },
      this.other, this.stage.element, this.share.element, this.said, this.after, this.note)
    this.tabs = new Tabs(this.panel, (run, beside) => this.choose(run, beside))
    this.controls = new Controls(this)
    for (const type of ['change', 'click', 'input']) {
      this.controls.element.addEventListener(type, () => this.tellOther())
    }
    this.mount.replaceChildren(
      this.link, this.controls.element, this.status, this.progress.element, this.tabs.element, this.panel)
  }

  // state is for style sheets and tests: recorded, asking, running, done, failed.
  set state(state) { this.section.dataset.state = state }

  // open activates the bench, once: when it comes near the window, or a link leads to it.
  open() { return this.opened ??= this.activate() }
  async activate() {
    await styled
    this.stage.theme.read()
    await this.loadRecorded()
    if (!this.kept.recorded && !live.served) return // the static picture stays, or the block's own words without one
    if (this.linked && live.served) await this.connect() // it is not known before whether the link's run can be had
    this.mount.hidden = false
    this.section.classList.add('lab-alive') // the bench takes the place of the static picture
    if (this.caption) this.caption.hidden = true
    this.refresh()
    if (!live.served) return
    live.watchers.push(() => this.refresh())
    await this.connect()
    this.refresh()
  }
  async connect() {
    try {
      await live.connect()
    } catch { /* the watcher shows how to get the right to run */ }
  }

  async loadRecorded() {
    if (this.section.querySelector('.lab-empty')) return
    try {
      const { recording, limits, ...decided } = await load('recordings/' + this.name + '.js')
      this.recordedLimits = limits
      const run = Run.recorded({ recording: unpack(recording), ...decided })
      this.kept.recorded = Object.assign(run, { setup: this.own, seen: this.revealed })
      this.state = 'recorded'
    } catch (error) {
      if (!live.served) console.warn(error.message)
    }
  }

  // refresh draws the controls again. As long as the reader has run nothing it shows the recorded run, but an empty
  // stage if a link leads to another experiment, which can be run here.
  refresh() {
    const { kept } = this
    if (this.linked) this.take() // what serve can do is known by now, perhaps
    if (!kept.mine && !kept.broken && !kept.going) {
      const first = this.linked && live.state === 'may' ? null : kept.recorded
      if (first !== this.run || !first) this.choose(first)
    }
    this.tellLink()
    this.tellOther()
    this.controls.refresh()
  }

  // choose shows a run, alone or beside another on one clock; null empties the stage.
  choose(run, beside = null) {
    if (this.run && !this.run.live && this.revealed) this.run.seen = true // its film is skipped
    Object.assign(this, { chosen: run, beside })
    this.show(run && beside ? together(this.kept, run, beside) : run)
    this.tabs.show(this.kept, run, beside)
    this.tellOther()
  }
  show(run) {
    this.run = run
    this.stage.element.hidden = !run
    this.stage.cover(!this.revealed)
    if (run) this.stage.show(run)
    this.tell()
  }

  // commit is called when the reader has guessed, or chose not to.
  commit() {
    this.revealed = true
    this.controls.refresh()
    queueMicrotask(() => this.uncover())
  }
  // uncover plays the run that was covered, unless the reader has just started one.
  uncover() {
    if (this.busy || !this.run || !this.stage.view.covered) return
    this.stage.cover(false)
    this.stage.premiere()
  }

  // showMoment shows a moment of the run, as a link asks: a reader who follows it has asked to be shown.
  showMoment(time) {
    const ns = nsOf(time), { length } = this.run
    if (!(ns <= length)) {
      this.refused = [Number.isNaN(ns) ? 'Its moment is not a time.'
        : `Its moment, ${duration(ns)}, comes after the end of the run, ${duration(length)}.`]
      this.tellLink()
      return
    }
    this.revealed = true
    this.stage.cover(false)
    this.controls.refresh()
    this.stage.showMoment(time, this.run.seen)
  }

  // cover hides the result again, for another guess.
  cover() {
    this.revealed = false
    if (this.run) this.show(this.run)
  }

  async start() {
    Object.assign(this, { busy: true, wanted: this.setup })
    this.state = 'asking'
    this.status.textContent = 'Asking serve …'
    this.tellOther()
    this.controls.refresh()
    try {
      await live.run(this, { ...this.wanted, scenario: this.scenario, measure: this.measure, seed: 1 })
    } catch (error) {
      this.failed(error.message)
    }
  }

  // frame handles a message of serve about this bench's run.
  frame(frame) {
    this.progress.frame(frame)
    switch (frame.type) {
      case 'phase':
        if (this.status.textContent !== frame.text) this.status.textContent = frame.text // it is read aloud
        return
      case 'started':
        this.started(frame.experiment)
        return
      case 'batch':
        this.kept.going?.batch(frame)
        return
      case 'done':
        this.done(frame)
        return
      case 'error':
        this.failed(frame.text)
    }
  }

  started(experiment) {
    const run = new Run(experiment.servers, experiment.groups)
    Object.assign(run, { live: true, setup: this.wanted })
    this.state = 'running'
    this.stage.expected = this.run?.length || 0
    this.kept.begin(run)
    this.choose(run)
    this.status.textContent = 'Running on this machine …'
  }

  done(frame) {
    const run = this.kept.complete()
    did('ran', this.name)
    this.busy = false
    this.state = 'done'
    this.status.textContent = ''
    run.finish(frame)
    run.seen = run !== this.run // a reader who looks at another run has skipped the film of this one
    if (run === this.run && this.stage.follow) this.stage.fit()
    this.ended()
    if (this.linked && this.time && run === this.run) { // the link's run is there at last
      this.showMoment(this.time)
      this.time = undefined
    }
  }

  // failed ends a run that is not complete, or one that did not even begin. It takes nothing away: the complete ones
  // stay.
  failed(text) {
    this.busy = false
    this.state = 'failed'
    this.status.textContent = text
    const { going } = this.kept
    const broken = this.kept.breakOff(text.startsWith('Stopped') ? 'stopped' : 'broken off')
    if (broken) broken.seen = true
    if (going && going === this.chosen) this.choose(broken ?? this.kept.last)
    this.uncover()
    this.ended()
  }
  // ended shows which runs are kept now. One that the reader looks at may no longer be among them.
  ended() {
    const { kept, chosen, beside } = this
    if (chosen && !(kept.nameOf(chosen) && (!beside || kept.nameOf(beside)))) this.choose(kept.last)
    else this.tabs.show(kept, chosen, beside)
    this.tellOther()
    this.controls.refresh()
  }

  // seen is called when the reader has seen the shown run to its end, or has skipped it.
  seen() {
    this.run.seen = true
    did('watched', this.name)
    this.tell()
  }

  // tell says why, once the end of the shown run was seen, and gives its details.
  tell() {
    const { run } = this, isOver = run && this.revealed && !run.live && (run.seen || run.of)
    this.said.replaceChildren(...(isOver ? this.why(run) : []))
    this.after.replaceChildren(...(isOver ? this.details(run) : []))
    this.note.textContent = run?.made
      ? `Recorded on ${run.machine}, ${run.made}. The same servers, the same bytes at the same moments, one clock.`
      : ''
    if (!run && !this.linked) this.note.textContent = 'No recorded run yet: press Run to make one.'
  }
  why(run) {
    const { kept, measure, knobs } = this, p = (text, name) => el('p', { class: name }, text)
    if (run.broken) {
      const after = `This run was ${run.broken} after ${duration(run.length)} and has no results. `
      return [p(after + 'What went on then is cut off in the pictures.', 'lab-broken')]
    }
    const [one, other] = run.of ?? [run, kept.base(run)], parts = []
    if (other?.result && one.result && comparable(one, other)) {
      const lead = one === kept.mine && other === kept.before ? 'Since your last run'
        : `${kept.nameOf(one)}, compared with ${kept.phraseOf(other)}`
      parts.push(p(since(one, other, lead, measure, knobs), 'lab-since'))
    }
    if (run.of) return parts
    if (run.result.busy) parts.push(p(run.result.busy, 'lab-notice lab-busy'))
    parts.push(...this.grades(run), verdicts(run))
    if (run === kept.recorded && this.caption) {
      const caption = this.caption.cloneNode(true)
      caption.hidden = false
      parts.push(caption)
    }
    return parts
  }
  details(run) {
    const show = (track, lane, mark) => {
      this.stage.select(track, lane, mark)
      this.stage.paneOf(track)?.canvas.scrollIntoView({ block: 'nearest' })
    }
    const take = el('p', { class: 'lab-take' })
    if (run.made || run === this.kept.mine) {
      take.append(textButton('Download for Perfetto', () => this.takeTrace()), ' ')
    }
    if (run.made && !up) take.append(' ', el('a', { href: `lab/${this.name}.html` }, 'This experiment by itself'))
    const body = el('div')
    const ontoggle = () => body.firstChild ||
      load('static/events.js').then(table => table(run, show, body), error => body.append(error.message))
    const events = el('details', { class: 'lab-events', ontoggle }, el('summary', {}, 'Every event as a table'), body)
    return [...(run.table ? [resultsTable(run)] : []), events, take]
  }

  // grades repeats the question, whose form is gone, and grades the guesses, if the run has the settings of the
  // question.
  grades(run) {
    const isAsked = run === this.kept.recorded || Object.entries(this.asked.settings).every(([knob, value]) =>
      run.setup.settings[knob] === value)
    const grades = isAsked && gradeList(this, run)
    return grades ? [el('p', { class: 'lab-asked' }, this.question), grades] : []
  }

  // tellOther says that the shown run is not of what is set now.
  tellOther() {
    const { chosen } = this
    const from = live.ready && chosen && !chosen.live && !this.busy && this.revealed ? chosen.setup : this.setup
    const words = changes(from, this.setup, this.knobs, key => this.controls.nameOf(key)).join(', ')
    this.other.hidden = !words
    this.other.textContent = words && `This run had other settings than are set now: ${words}.`
  }
  // tellLink says which experiment a link leads to, and whether it can be had; or what makes no sense in it.
  tellLink() {
    const { linked, refused } = this
    this.link.hidden = !linked && !refused
    if (refused) this.link.textContent = `The link asks for what cannot be shown. ${refused.join(' ')}`
    if (refused || !linked) return
    const words = changes(linked, { servers: [], settings: this.own.settings }, this.knobs,
      key => this.controls.nameOf(key)).reverse()
    const how = live.served ? 'This tab may not run it; below is the recorded run.'
      : 'That takes serve; below is the recorded run.'
    this.link.textContent = `The link leads to an experiment of its own, ${words.join(', ')}. It has to be run. ` +
      (live.state === 'may' ? '' : how)
  }

  // takeTrace downloads the trace of the run. That of a recorded run is a file; that of the reader's last comes from
  // serve, which keeps it while the tab is connected and completes no other.
  async takeTrace() {
    if (this.run.made) {
      el('a', { href: `${up}recordings/${this.name}.trace.json.gz`, download: '' }).click()
      return
    }
    const trace = await live.trace(this)
    if (trace) download(this.name + '.trace.json', trace)
    else this.status.textContent = 'Serve no longer has this run: run it again.'
  }

  // sharedLink leads to the shown run, and to the moment that its picture shows.
  sharedLink() {
    const { run, chosen, stage: { view } } = this, at = run && !view.covered ? view.cursor : null
    const link = linkTo(this.name, chosen?.setup ?? this.setup, this.own, at, run?.moments)
    return { url: String(new URL(link, location.href)), at, span: view.span }
  }

  // follow does what a link asks: it takes its servers and settings, and shows its moment.
  async follow({ query, time }) {
    Object.assign(this, { query, time, linked: null, refused: null })
    if (query !== undefined) {
      this.take()
      if (this.opened) this.refresh()
      this.section.scrollIntoView()
    }
    await this.open()
    if (time !== undefined && !this.linked && !this.refused && this.run) this.showMoment(time)
  }

  // take applies the servers and settings of a link, if they make sense. They are what the question is about then.
  take() {
    const can = key => this.controls.canRun(key), { own } = this
    const { wrong, servers, settings } = setupOf(this.query, own, can, this.limits)
    const asked = wrong ? own : { servers, settings }
    if (this.linked && !wrong) return
    Object.assign(this, { servers: [...asked.servers], settings: { ...asked.settings }, refused: wrong })
    this.asked = this.setup
    this.linked = changes(this.setup, own).length ? this.setup : null
    this.controls.values = {} // of the knobs before
  }
}
