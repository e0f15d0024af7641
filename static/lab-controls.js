// The controls of a bench: which servers, which knobs, the guess, Run and Stop; or how to come by them.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el } = era

  era.Controls = class Controls {
    constructor(bench) {
      this.bench = bench
      this.busy = false // as the button last said, and since when
      this.changed = -Infinity
      this.servers = el('fieldset', { class: 'lab-servers' })
      this.knobs = el('fieldset', { class: 'lab-knobs' })
      this.go = el('div', { class: 'lab-go' })
      this.guess = el('form', { class: 'lab-guess', hidden: true, onsubmit: event => { event.preventDefault(); this.commit() } })
      this.rights = el('div')
      this.element = el('div', { class: 'lab-controls' }, el('div', { class: 'lab-row' }, this.servers, this.knobs, this.go), this.rights, this.guess)
    }

    // refresh draws the controls anew from what the bench knows.
    refresh() {
      const { bench } = this, ready = era.live.ready, scenario = ready?.scenarios.find(s => s.name === bench.scenario)
      this.servers.hidden = this.knobs.hidden = !ready
      if (ready) {
        this.choose(ready.servers.filter(s => s.speaks === scenario?.speaks || s.chats && scenario?.speaks === 'websocket' || bench.servers.some(key => key.split('/')[0] === s.id)))
        this.turn(scenario?.knobs || [])
      }
      this.start()
      this.ask()
    }

    choose(catalogue) {
      const { bench } = this, { servers } = bench
      const pick = (chosen, i) => {
        const select = el('select', { class: 'lab-select', 'aria-label': 'Server ' + (i + 1), disabled: bench.busy, onchange: () => { servers[i] = select.value; this.refresh() } },
          ...catalogue.map(s => el('optgroup', { label: s.title }, ...s.languages.map(l => {
            const key = l === 'go' ? s.id : s.id + '/' + l, why = s.missing?.[l]
            return el('option', { value: key, selected: key === chosen, disabled: !!why || key !== chosen && servers.includes(key), title: why || '' }, s.id + ' · ' + era.languages[l])
          }))))
        return el('span', { class: 'lab-pick' }, select,
          servers.length > 1 ? Object.assign(era.button('close', 'Leave out server ' + (i + 1), () => { servers.splice(i, 1); this.refresh() }), { disabled: bench.busy }) : null)
      }
      const free = catalogue.flatMap(s => s.languages.filter(l => !s.missing?.[l]).map(l => l === 'go' ? s.id : s.id + '/' + l)).find(key => !servers.includes(key))
      this.servers.replaceChildren(el('legend', {}, 'Side by side'), ...servers.map(pick),
        ...(servers.length < 4 && free ? [Object.assign(era.button('plus', 'Add a server', () => { servers.push(free); this.refresh() }), { disabled: bench.busy })] : []))
    }

    turn(knobs) {
      const { bench } = this, { settings } = bench
      this.first ??= { ...settings }
      const fields = knobs.map(knob => {
        const id = `knob-${bench.name}-${knob.name}`
        const input = el('input', { type: 'number', id, class: knob.max >= 1e6 ? 'lab-number lab-long' : 'lab-number', min: knob.min, max: knob.max, step: knob.step || 1, disabled: bench.busy, value: settings[knob.name] ?? knob.default })
        input.addEventListener('change', () => {
          if (input.checkValidity()) {
            settings[knob.name] = input.valueAsNumber
            reset.hidden = !changed()
          } else input.reportValidity()
        })
        return el('span', { class: 'lab-knob' }, el('label', { htmlFor: id }, knob.label), input, knob.unit ? el('span', { class: 'lab-unit' }, knob.unit) : null)
      })
      const initial = knob => this.first[knob.name] ?? knob.default
      const changed = () => knobs.some(knob => (settings[knob.name] ?? knob.default) !== initial(knob))
      const reset = el('button', { type: 'button', class: 'lab-button', hidden: !changed(), disabled: bench.busy, onclick: () => { for (const knob of knobs) settings[knob.name] = initial(knob); this.refresh() } }, 'Reset')
      this.knobs.replaceChildren(el('legend', {}, 'Knobs'), ...fields, reset)
    }

    // start offers Run or Stop, or says how to get them.
    start() {
      const { bench } = this
      const may = era.live.state === 'may'
      if (!may || !this.rights.firstChild) this.rights.replaceChildren(...may ? [era.rights.list()] : [])
      if (may) {
        if (this.busy !== bench.busy) Object.assign(this, { busy: bench.busy, changed: performance.now() })
        const run = bench.busy
          ? el('button', { type: 'button', class: 'lab-run', onclick: era.turning(this.changed, () => era.live.stop()) }, era.icon('stop'), 'Stop')
          : el('button', { type: 'button', class: bench.revealed ? 'lab-run' : 'lab-run lab-second', onclick: era.turning(this.changed, () => this.run()) }, era.icon('play'), bench.servers.length > 1 ? 'Run together' : 'Run')
        const had = this.go.contains(document.activeElement)
        this.go.replaceChildren(run)
        if (had) run.focus()
        return
      }
      const how = !era.live.served
        ? el('p', { class: 'lab-how' }, 'A recorded run. To run it on your own machine: ', el('code', {}, 'go run ./cmd/serve'))
        : era.live.state ? era.rights.how() : ''
      if (how && bench.linked) how.prepend('The link\'s own servers and settings have to be run; below is the recorded run. ')
      this.go.replaceChildren(how)
    }
    run() {
      const { bench } = this
      const wrong = this.knobs.querySelector(':invalid')
      if (wrong) return wrong.reportValidity()
      if (!bench.revealed) {
        this.wanted = true
        this.guess.querySelector('input')?.focus()
        bench.status.textContent = 'First your guess: it makes the answer stick. Or choose "Just show me".'
        return
      }
      bench.start()
    }

    // ask puts the question before the answer is shown.
    ask() {
      const { bench } = this
      this.guess.hidden = bench.revealed || !bench.question
      const servers = era.live.ready || !bench.run ? bench.servers : bench.run.tracks.map(track => track.key) // of a recorded run, its own
      if (this.guess.hidden || this.asked === servers.join()) return
      this.asked = servers.join()
      const fields = bench.measure ? servers.map(key => {
        const [id, language = 'go'] = key.split('/'), input = 'guess-' + bench.name + '-' + key.replace('/', '-')
        return el('span', { class: 'lab-knob' }, el('label', { htmlFor: input }, `${id} · ${era.languages[language]}`),
          el('input', { type: 'number', id: input, class: 'lab-number', name: key, min: 0, step: 'any', required: true, inputMode: 'decimal' }))
      }) : []
      this.guess.replaceChildren(el('p', { class: 'lab-ask' }, el('b', {}, 'Your guess first. '), bench.question),
        el('div', { class: 'lab-row' }, ...fields, el('button', { type: 'submit', class: 'lab-run' }, fields.length ? 'That is my guess' : 'I have a guess'),
          el('button', { type: 'button', class: 'lab-button', onclick: () => this.commit({}) }, 'Just show me')))
    }
    commit(guesses = Object.fromEntries([...this.guess.querySelectorAll('input')].map(input => [input.name, input.valueAsNumber]))) {
      const { bench, wanted } = this, had = this.guess.contains(document.activeElement)
      this.wanted = false
      bench.status.textContent = ''
      bench.commit(guesses)
      if (had) (this.go.querySelector('button') ?? bench.stage.element.querySelector('.lab-canvas')).focus({ preventScroll: true }) // the form is gone
      if (wanted) bench.start()
    }
  }
})()
