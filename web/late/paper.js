// Paper: what is folded is open, except in a bench, and results and answers stand at the end, on pages of their own, so
// that none stands beside its question.
import { el } from '../lab/dom.js'
import { all } from '../page/dom.js'

let undo = []
addEventListener('beforeprint', () => {
  for (const details of all('main details:not([open])').filter(details => !details.closest('.bench'))) {
    details.open = true
    undo.push(() => { details.open = false })
  }
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
