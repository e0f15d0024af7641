// Paper: results and answers stand at the end, on pages of their own, so that none stands beside its question.
import { el } from './dom.js'

export function answersAtTheEnd() {
  let undo = []
  addEventListener('beforeprint', () => {
    const answers = document.querySelectorAll('main :is(.lab-predict ~ .lab-recorded, .why)')
    if (!answers.length) return
    const end = el('section', { class: 'answers' }, el('h2', {}, 'What happened, and why'))
    for (const answer of answers) {
      const asked = answer.parentNode.querySelector('h3, legend').cloneNode(true)
      const mark = el('p', { class: 'lab-made' }, 'What happened, and why, is told at the end of these pages.')
      answer.replaceWith(mark)
      end.append(el('div', { class: 'lab' }, el('h3', {}, ...asked.childNodes), answer))
      undo.push(() => mark.replaceWith(answer))
    }
    document.querySelector('main').append(end)
    undo.push(() => end.remove())
  })
  addEventListener('afterprint', () => {
    for (const step of undo) step()
    undo = []
  })
}
