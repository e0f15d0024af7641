// The controls of a bench: which servers, which knobs, the guess, Run and Stop; or how to get them.
import { languages, sideBySide } from './data.js'
import { el, iconButton, runButton, textButton } from './dom.js'
import { live } from './live.js'
import { howToRun, rightsList } from './rights.js'

const keyOf = (id, language) => language === 'go' ? id : id + '/' + language
const labelOf = (id, language) => id + ' · ' + languages[language]

export class Controls {
  constructor(bench) {
    this.bench = bench
    this.busy = false // whether the button says Stop, and since when
    this.changed = -Infinity
    const commit = event => {
      event.preventDefault()
      this.commit(this.guesses())
    }
    this.servers = el('fieldset', { class: 'lab-servers' })
    this.knobs = el('fieldset', { class: 'lab-knobs' })
    this.go = el('div', { class: 'lab-go' })
    this.guess = el('form', { class: 'lab-guess', hidden: true, onsubmit: commit })
    this.rights = el('div')
    this.element = el('div', { class: 'lab-controls' },
      el('div', { class: 'lab-row' }, this.servers, this.knobs, this.go), this.rights, this.guess)
  }

  // refresh draws the controls again from the bench's state.
  refresh() {
    const { bench } = this, { ready } = live
    const scenario = ready?.scenarios.find(s => s.name === bench.scenario)
    this.servers.hidden = this.knobs.hidden = !ready
    if (ready) {
      this.showServers(ready.servers.filter(server => this.fits(server)))
      this.showKnobs(scenario?.knobs || [])
    }
    this.showStart()
    this.showQuestion()
  }

  // fits reports whether a server can be chosen: it understands the scenario, or it was chosen already.
  fits({ id, scenarios }) {
    return scenarios.includes(this.bench.scenario) || this.bench.servers.some(key => key.split('/')[0] === id)
  }

  showServers(catalogue) {
    const { servers, busy } = this.bench
    const change = act => () => {
      act()
      this.refresh()
    }
    const option = (server, language, chosen) => {
      const value = keyOf(server.id, language), missing = server.missing?.[language]
      const disabled = !!missing || value !== chosen && servers.includes(value)
      const props = { value, disabled, selected: value === chosen, title: missing || '' }
      return el('option', props, labelOf(server.id, language))
    }
    const pick = (chosen, i) => {
      const choose = change(() => { servers[i] = select.value })
      const select = el('select',
        { class: 'lab-select', 'aria-label': 'Server ' + (i + 1), disabled: busy, onchange: choose },
        ...catalogue.map(server => el('optgroup', { label: server.title },
          ...server.languages.map(language => option(server, language, chosen)))))
      const leaveOut = iconButton('close', 'Leave out server ' + (i + 1), change(() => servers.splice(i, 1)))
      leaveOut.disabled = busy
      return el('span', { class: 'lab-pick' }, select, servers.length > 1 ? leaveOut : null)
    }
    const free = catalogue
      .flatMap(({ id, languages, missing }) => languages.filter(l => !missing?.[l]).map(l => keyOf(id, l)))
      .find(key => !servers.includes(key))
    const add = iconButton('plus', 'Add a server', change(() => servers.push(free)))
    add.disabled = busy
    this.servers.replaceChildren(el('legend', {}, 'Side by side'), ...servers.map(pick),
      ...(servers.length < sideBySide && free ? [add] : []))
  }

  showKnobs(knobs) {
    const { name: benchName, settings, busy } = this.bench
    this.first ??= { ...settings } // the values of Reset
    const initial = knob => this.first[knob.name] ?? knob.default
    const value = knob => settings[knob.name] ?? knob.default
    const changed = () => knobs.some(knob => value(knob) !== initial(knob))
    const field = knob => {
      const { name, label, unit, min, max, step } = knob
      const id = `knob-${benchName}-${name}`
      const take = () => {
        if (!input.reportValidity()) return
        settings[name] = input.valueAsNumber
        reset.hidden = !changed()
      }
      const input = el('input', {
        type: 'number', id, class: max >= 1e6 ? 'lab-number lab-long' : 'lab-number',
        min, max, step: step || 1, value: value(knob), disabled: busy, onchange: take,
      })
      return el('span', { class: 'lab-knob' }, el('label', { htmlFor: id }, label), input,
        unit ? el('span', { class: 'lab-unit' }, unit) : null)
    }
    const restore = () => {
      for (const knob of knobs) settings[knob.name] = initial(knob)
      this.refresh()
    }
    const reset = textButton('Reset', restore, { hidden: !changed(), disabled: busy })
    this.knobs.replaceChildren(el('legend', {}, 'Knobs'), ...knobs.map(field), reset)
  }

  // showStart shows Run or Stop, or how to get them.
  showStart() {
    const may = live.state === 'may'
    if (!may) this.rights.replaceChildren()
    else if (!this.rights.firstChild) this.rights.replaceChildren(rightsList())
    if (!may) {
      this.go.replaceChildren(this.how())
      return
    }
    const { bench } = this
    if (this.busy !== bench.busy) Object.assign(this, { busy: bench.busy, changed: performance.now() })
    let words = bench.servers.length > 1 ? 'Run together' : 'Run'
    if (!bench.run) words = 'Run this experiment'
    const quiet = bench.revealed ? {} : { class: 'lab-run lab-second' } // the guess comes first
    const button = bench.busy
      ? runButton('stop', 'Stop', this.changed, () => live.stop())
      : runButton('play', words, this.changed, () => this.run(), quiet)
    const hadFocus = this.go.contains(document.activeElement)
    this.go.replaceChildren(button)
    if (hadFocus) button.focus()
  }
  how() {
    if (live.served && !live.state) return '' // serve has not been asked yet
    const how = live.served
      ? howToRun()
      : el('p', { class: 'lab-how' }, 'A recorded run. To run it on your own machine: ',
        el('code', {}, 'go run ./cmd/serve'))
    return how
  }

  run() {
    const { bench } = this
    const wrong = this.knobs.querySelector(':invalid')
    if (wrong) {
      wrong.reportValidity()
    } else if (!bench.revealed) {
      this.wanted = true
      this.guess.querySelector('input')?.focus()
      bench.status.textContent = 'First your guess: it makes the answer stick. Or choose "Just show me".'
    } else {
      bench.start()
    }
  }

  // showQuestion asks the question before the answer is shown.
  showQuestion() {
    const { bench } = this
    this.guess.hidden = bench.revealed || !bench.question
    // For a recorded run, its own servers.
    const servers = live.ready || !bench.run ? bench.servers : bench.run.tracks.map(track => track.key)
    if (this.guess.hidden || this.asked === servers.join()) return
    this.asked = servers.join()
    const field = key => {
      const [id, language = 'go'] = key.split('/'), input = `guess-${bench.name}-${key.replace('/', '-')}`
      return el('span', { class: 'lab-knob' }, el('label', { htmlFor: input }, labelOf(id, language)), el('input', {
        type: 'number', id: input, class: 'lab-number', name: key, min: 0, step: 'any', required: true,
        inputMode: 'decimal',
      }))
    }
    const fields = bench.measure ? servers.map(field) : []
    this.guess.replaceChildren(
      el('p', { class: 'lab-ask' }, el('b', {}, 'Your guess first. '), bench.question),
      el('div', { class: 'lab-row' }, ...fields,
        el('button', { type: 'submit', class: 'lab-run' }, fields.length ? 'That is my guess' : 'I have a guess'),
        textButton('Just show me', () => this.commit({}))))
  }
  guesses() {
    return Object.fromEntries([...this.guess.querySelectorAll('input')].map(({ name, valueAsNumber }) =>
      [name, valueAsNumber]))
  }
  commit(guesses) {
    const { bench, wanted } = this, hadFocus = this.guess.contains(document.activeElement)
    this.wanted = false
    bench.status.textContent = ''
    bench.commit(guesses)
    if (hadFocus) { // the form is gone
      const next = this.go.querySelector('button') ?? bench.stage.element.querySelector('.lab-canvas')
      next.focus({ preventScroll: true })
    }
    if (wanted) bench.start()
  }
}
