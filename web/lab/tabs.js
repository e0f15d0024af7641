// The tabs of a bench: which of the kept runs is shown, and which other one beside it.
import { el } from './dom.js'
import { comparable } from './runs.js'

export class Tabs {
  // choose is called with the run that the reader wants to see, and with the one beside it, if any.
  constructor(panel, choose) {
    Object.assign(this, { panel, choose })
    const onkeydown = event => this.press(event)
    this.list = el('div', { class: 'lab-tablist', role: 'tablist', 'aria-label': 'Runs', onkeydown })
    this.beside = el('select', { class: 'lab-select', onchange: () => this.compare() })
    this.label = el('label', {}, 'Compare with ', this.beside)
    this.element = el('div', { class: 'lab-tabs', hidden: true }, this.list, this.label)
  }

  // show draws the tabs of the runs that there are; there are none for one run.
  show(kept, run, beside = null) {
    const all = kept.tabs, hadFocus = this.list.contains(document.activeElement)
    Object.assign(this, { all, run })
    this.element.hidden = all.length < 2
    this.list.replaceChildren(...all.map(([one, name], i) => {
      const isChosen = one === run
      return el('button', {
        type: 'button', role: 'tab', id: `${this.panel.id}-${i}`, class: 'lab-tab', 'aria-selected': String(isChosen),
        'aria-controls': this.panel.id, tabIndex: isChosen ? 0 : -1, onclick: () => this.choose(one),
      }, name)
    }))
    const chosen = this.list.querySelector('[aria-selected=true]')
    if (hadFocus) chosen?.focus({ preventScroll: true })
    if (chosen && !this.element.hidden) {
      this.panel.setAttribute('role', 'tabpanel')
      this.panel.setAttribute('aria-labelledby', chosen.id)
    } else {
      this.panel.removeAttribute('role')
      this.panel.removeAttribute('aria-labelledby')
    }
    this.others = run ? all.filter(([one]) => comparable(run, one)) : []
    this.label.hidden = !this.others.length
    this.beside.replaceChildren(el('option', { value: -1 }, '–'),
      ...this.others.map(([one, name], i) => el('option', { value: i, selected: one === beside }, name)))
  }
  compare() { this.choose(this.run, this.others[this.beside.value]?.[0]) }

  press(event) {
    const at = this.all.findIndex(([one]) => one === this.run), last = this.all.length - 1
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key]
    if (to === undefined) return
    event.preventDefault()
    this.choose(this.all[(to + last + 1) % (last + 1)][0])
  }
}
