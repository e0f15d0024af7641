// The controls of a bench: the guess, Run and Stop, and, behind a disclosure that says what is set, the servers and the
// knobs; or how to get them.
import { sideBySide } from './data.js'
import { el, iconButton, runButton, textButton } from './dom.js'
import { inSentence } from './format.js'
import { guessForm, pastGuess, remember } from './guess.js'
import { inWords, isSwitch, unitOf, wrongs } from './knobs.js'
import { live } from './live.js'
import { howToRun, rightsList } from './rights.js'

const keyOf = (id, language) => language === 'go' ? id : id + '/' + language
const partsOf = key => key.split('/').concat('go').slice(0, 2)
const serverOf = key => live.ready?.servers.find(({ id }) => id === partsOf(key)[0])

// listed returns the words, bold, with what stands between them: "one, two and three".
const listed = words => words.flatMap((word, i) => {
  const between = i === words.length - 1 ? ' and ' : ', '
  return i > 0 ? [between, el('b', {}, word)] : [el('b', {}, word)]
})

export class Controls {
  constructor(bench) {
    this.bench = bench
    this.values = {} // of the knobs as they stand in their fields, sense or not
    this.wrong = new Map() // sentences on knobs that make no sense, by name
    this.start = runButton()
    this.go = el('div', { class: 'lab-go', tabIndex: -1 })
    this.guess = el('div', { class: 'lab-guess', hidden: true })
    this.past = el('div', { class: 'lab-past', hidden: true })
    this.servers = el('fieldset', { class: 'lab-servers' })
    this.knobs = el('fieldset', { class: 'lab-knobs' })
    this.rights = el('div')
    this.summary = el('summary')
    this.setup = el('details', { class: 'lab-setup', hidden: true, ontoggle: () => this.refresh() },
      this.summary, this.servers, this.knobs, this.rights)
    this.element = el('div', { class: 'lab-controls' },
      this.guess, this.past, el('div', { class: 'lab-start' }, this.go, this.setup))
  }

  get id() { return 'lab-' + this.bench.name }
  get scenario() { return live.ready?.scenarios.find(({ name }) => name === this.bench.scenario) }

  // nameOf returns a server's name for people.
  nameOf(key) {
    const [, language] = partsOf(key)
    return this.bench.chosen?.tracks.find(track => track.key === key)?.name ?? serverOf(key)?.names[language] ?? key
  }

  // canRun reports whether a server can do the scenario's job; true as long as serve has not said which can.
  canRun(key) {
    const [, language] = partsOf(key), server = serverOf(key)
    return !live.ready || !!server?.languages.includes(language) && server.scenarios.includes(this.bench.scenario)
  }

  // refresh draws the controls again from the bench's state. The focus stays on what has it.
  refresh() {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.id : ''
    this.setup.hidden = !this.scenario
    if (this.scenario) this.showSetup()
    this.showStart()
    this.showQuestion()
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus()
  }

  showSetup() {
    const { bench, scenario } = this
    this.first ??= { ...bench.settings } // the values of Reset
    for (const { name, default: usual } of scenario.knobs) this.values[name] ??= bench.settings[name] ?? usual
    this.check()
    if (this.wrong.size) this.setup.open = true
    if (!this.setup.open) return
    this.showServers()
    this.showKnobs(scenario.knobs)
    if (live.state !== 'may') this.rights.replaceChildren()
    else if (!this.rights.firstChild) this.rights.replaceChildren(rightsList())
  }

  // check finds what makes no sense, takes the settings if all do, and says what is set.
  check(changed) {
    const { bench, scenario, values } = this
    this.wrong = wrongs(scenario, values, bench.servers.length, changed)
    if (!this.wrong.size) Object.assign(bench.settings, values)
    const names = bench.servers.map(key => inSentence(this.nameOf(key)))
    const set = scenario.knobs.map(knob => inWords(knob, bench.settings[knob.name] ?? knob.default))
    this.summary.replaceChildren(...listed(names), ...set.filter(Boolean).map(words => ', ' + words))
  }

  // groups returns the servers that can do the scenario's job, or were chosen already, this chapter's first.
  groups() {
    const { bench } = this, { servers, chapters } = live.ready
    const here = bench.section.dataset.chapter, place = chapters.indexOf(here)
    const all = { 'Of this chapter': [], Earlier: [], Later: [], 'Written by others': [] }
    for (const server of servers) {
      const { chapter, others, scenarios } = server
      if (!scenarios.includes(bench.scenario) && !bench.servers.some(key => serverOf(key) === server)) continue
      let group = chapters.indexOf(chapter) < place ? 'Earlier' : 'Later'
      if (chapter === here) group = 'Of this chapter'
      else if (others) group = 'Written by others'
      for (const language of server.languages) {
        const missing = server.missing?.[language] || ''
        all[group].push({ key: keyOf(server.id, language), name: server.names[language], missing })
      }
    }
    return Object.entries(all).filter(([, options]) => options.length)
  }

  showServers() {
    const { servers, busy } = this.bench, groups = this.groups()
    // change acts, and leaves the focus on the picker that at returns the number of.
    const change = (act, at) => () => {
      act()
      this.refresh()
      document.getElementById(`${this.id}-server-${at()}`)?.focus()
    }
    const option = (chosen, { key, name, missing }) => el('option', {
      value: key, selected: key === chosen, disabled: !!missing || key !== chosen && servers.includes(key),
      title: missing,
    }, name)
    const pick = (chosen, i) => {
      const id = `${this.id}-server-${i}`
      const select = el('select', {
        id, class: 'lab-select', 'aria-label': 'Server ' + (i + 1), disabled: busy,
        onchange: change(() => { servers[i] = select.value }, () => i),
      }, ...groups.map(([label, options]) => el('optgroup', { label }, ...options.map(o => option(chosen, o)))))
      const leaveOut = iconButton('close', 'Leave out ' + this.nameOf(chosen),
        change(() => servers.splice(i, 1), () => Math.min(i, servers.length - 1)))
      Object.assign(leaveOut, { id: id + '-leave', disabled: busy })
      return el('span', { class: 'lab-pick' }, select, servers.length > 1 ? leaveOut : null)
    }
    const free = groups.flatMap(([, options]) => options).find(({ key, missing }) => !missing && !servers.includes(key))
    const add = textButton('Add a server', change(() => servers.push(free.key), () => servers.length - 1),
      { id: this.id + '-add', disabled: busy })
    this.servers.replaceChildren(el('legend', {}, 'Side by side'), ...servers.map(pick),
      ...(servers.length < sideBySide && free ? [add] : []))
  }

  showKnobs(knobs) {
    const { values, bench: { busy } } = this
    const initial = ({ name, default: usual }) => this.first[name] ?? usual
    const says = new Map() // the places of sentences, by knob
    const show = changed => {
      this.check(changed)
      for (const [name, place] of says) {
        const wrong = this.wrong.get(name) ?? ''
        if (place.textContent !== wrong) place.textContent = wrong
        document.getElementById(place.id.replace(/-wrong$/, '')).setAttribute('aria-invalid', String(!!wrong))
      }
      reset.hidden = knobs.every(knob => values[knob.name] === initial(knob))
    }
    const field = knob => {
      const { name, label, min, max, step } = knob, [unit, per] = unitOf(knob), id = `${this.id}-knob-${name}`
      const take = () => {
        values[name] = isSwitch(knob) ? Number(input.checked) : input.valueAsNumber * per
        show(name)
      }
      const kind = isSwitch(knob)
        ? { type: 'checkbox', checked: values[name] === 1 }
        : {
            type: 'number', class: max >= 1e6 * per ? 'lab-number lab-long' : 'lab-number', min: min / per,
            max: max / per, step: Math.max(1, step / per), value: Number.isNaN(values[name]) ? '' : values[name] / per,
          }
      const input = el('input', { ...kind, id, disabled: busy, 'aria-describedby': id + '-wrong', oninput: take })
      says.set(name, el('span', { class: 'lab-refused', id: id + '-wrong', role: 'status' }))
      return el('span', { class: 'lab-knob' },
        el('label', { htmlFor: id }, label, unit ? el('span', { class: 'lab-unit' }, ', ' + unit) : ''),
        input, says.get(name))
    }
    const restore = () => {
      for (const knob of knobs) values[knob.name] = initial(knob)
      this.refresh()
      this.knobs.querySelector('input').focus()
    }
    const reset = textButton('Reset', restore, { id: this.id + '-reset', disabled: busy })
    this.knobs.replaceChildren(el('legend', {}, 'Knobs'), ...knobs.map(field), reset)
    show()
  }

  // showStart shows Run or Stop, in one place, or how to get them.
  showStart() {
    const { bench } = this, { button, show } = this.start
    if (live.state !== 'may') {
      const focused = this.go.contains(document.activeElement)
      this.go.replaceChildren(this.how())
      if (focused) this.go.focus()
      return
    }
    let words = bench.servers.length > 1 ? 'Run together' : 'Run'
    if (!bench.run) words = 'Run this experiment'
    if (bench.busy) show('stop', 'Stop', () => live.stop(bench))
    else show('play', words, () => this.run())
    button.classList.toggle('lab-second', !bench.revealed) // the guess comes first
    if (this.go.firstChild !== button) this.go.replaceChildren(button)
  }
  how() {
    if (live.served && !live.state) return '' // serve has not been asked yet
    return live.served
      ? howToRun()
      : el('p', { class: 'lab-how' }, 'A recorded run. To run it on your own machine: ',
        el('code', {}, 'go run ./cmd/serve'))
  }

  run() {
    const { bench } = this, [wrong] = this.wrong.keys()
    if (wrong) {
      this.setup.open = true
      this.refresh()
      document.getElementById(`${this.id}-knob-${wrong}`).focus()
    } else if (!bench.revealed) {
      this.wanted = true
      this.guess.querySelector('input').focus()
      bench.status.textContent = 'First your guess, or "Just show me".'
    } else {
      bench.start()
    }
  }

  // showQuestion asks the question before the answer is shown; afterwards it says what was guessed.
  showQuestion() {
    const { bench } = this
    if (!bench.question) return
    // For a recorded run, its own servers.
    const servers = live.ready || !bench.chosen ? bench.servers : bench.chosen.tracks.map(track => track.key)
    const names = key => this.nameOf(key)
    const shown = JSON.stringify([bench.revealed, servers.map(names)])
    if (this.shown === shown) return
    this.shown = shown
    this.guess.hidden = bench.revealed
    this.past.hidden = !bench.revealed
    const form = () => guessForm(bench, servers, names, guesses => this.commit(guesses))
    this.guess.replaceChildren(...bench.revealed ? [] : [form()])
    this.past.replaceChildren(...bench.revealed ? pastGuess(bench, names, () => this.ask()) : [])
  }
  // ask asks the question once more.
  ask() {
    this.bench.cover()
    this.refresh()
    this.guess.querySelector('input').focus()
  }
  commit(guesses) {
    const { bench, wanted } = this
    this.wanted = false
    bench.status.textContent = ''
    remember(bench, guesses)
    bench.commit(guesses)
    const next = this.go.querySelector('button') ?? bench.stage.play
    queueMicrotask(() => next.focus({ preventScroll: true })) // the form is gone, and the film begins
    if (wanted) bench.start()
  }
}
