// What may happen next, as buttons, and why all else waits: the reader is the kernel.
import { el } from '../lab/dom.js'

export class Choices {
  // take is called with a choice, {take, kind, text}.
  constructor(take) {
    this.take = take
    this.calm = el('div', { class: 'st-choices', role: 'group', 'aria-label': 'What may happen next' })
    this.faults = el('div', { class: 'st-choices', role: 'group', 'aria-label': 'Faults' })
    this.faulty = el('details', { class: 'st-faults' }, el('summary', {}, 'Faults'), this.faults)
    this.waits = el('ul', { class: 'st-waits' })
    this.waiting = el('details', { class: 'st-waiting' }, el('summary', {}), this.waits)
    this.element = el('div', { class: 'st-next' }, el('h4', {}, 'You are the kernel and the network. What happens next?'), this.calm,
      el('div', { class: 'st-more' }, this.faulty, this.waiting))
  }

  show({ choices, waiting = [] }, next) {
    const had = document.activeElement, held = this.element.contains(had) ? had.dataset.take : undefined
    this.all = choices.filter(({ fault }) => !fault)
    const first = this.all.find(({ take }) => take === next)
    if (first) this.all = [first, ...this.all.filter(choice => choice !== first)]
    const faults = choices.filter(({ fault }) => fault)
    this.calm.replaceChildren(...this.all.map((choice, i) => this.button(choice, choice === first, i + 1)))
    if (!this.all.length) this.calm.append(el('p', {}, 'Nothing happens by itself any more.'))
    this.faults.replaceChildren(...faults.map(choice => this.button(choice, false)))
    this.faulty.hidden = !faults.length
    this.faulty.firstChild.textContent = `Faults (${faults.length})`
    this.waiting.hidden = !waiting.length
    this.waiting.firstChild.textContent = `What threads and clients wait for (${waiting.length})`
    this.waits.replaceChildren(...waiting.map(({ who, text }) => el('li', {}, el('b', {}, who), ' ', text)))
    if (held) (this.element.querySelector(`[data-take="${held}"]`) ?? this.calm.querySelector('button'))?.focus()
  }
  button(choice, isCalm, n = 0) {
    const onclick = () => this.take(choice)
    return el('button', {
      type: 'button', class: isCalm ? 'st-choice st-calm' : 'st-choice', 'data-take': choice.take, onclick,
      title: n && n < 10 ? `Key ${n}` : '',
    }, choice.text)
  }
}
