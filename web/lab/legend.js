// The legend of a stage: the signs that are in its pictures with a word each, and on demand with what they mean.
import { states } from './data.js'
import { el } from './dom.js'

export class Legend {
  constructor(theme) {
    this.theme = theme
    this.signs = el('ul', { 'aria-label': 'Legend' })
    this.meanings = el('dl', {})
    this.element = el('div', { class: 'lab-legend' }, this.signs,
      el('details', {}, el('summary', {}, 'What the signs mean'), this.meanings))
  }

  // show shows the signs of the given states; anew also if the colours have changed.
  show(present) {
    const key = present.join() + this.theme.key
    if (key === this.key) return
    this.key = key
    this.element.hidden = !present.length
    this.signs.replaceChildren(...present.map(state => el('li', {}, this.sample(state), states[state].word)))
    this.meanings.replaceChildren(...present.map(state => el('div', {},
      el('dt', {}, this.sample(state), states[state].word), el('dd', {}, states[state].means))))
  }
  sample(state) {
    const canvas = el('canvas', { class: 'lab-swatch', 'aria-hidden': 'true' })
    this.theme.sample(canvas, state)
    return canvas
  }
}
