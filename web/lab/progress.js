// The bar of a build that a run waits for. Its words change often, so they are not read aloud: the status has the
// sentence.
import { calm, el } from './dom.js'

export class Progress {
  constructor() {
    this.bar = el('progress', { 'aria-label': 'Building' })
    this.far = el('span')
    this.element = el('p', { class: 'lab-progress', hidden: true }, this.bar, this.far)
  }

  frame({ far = '', done = 0, of = 0 }) {
    this.element.hidden = !far
    this.far.textContent = far
    this.bar.hidden = !of && calm.matches // without a value it moves
    if (of) this.bar.value = done / (of + 1) // the last step is linking
    else this.bar.removeAttribute('value')
  }
}
