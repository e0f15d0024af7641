// Paper shows what is folded on the page. Results and answers stand there at the end, on pages of their own, so that
// none stands beside its question. What the bench folds is not printed.
import { all } from './dom.js'

export function prepareForPrint() {
  let undo = []
  addEventListener('beforeprint', () => {
    if (undo.length) return
    for (const details of all('main details:not([open])').filter(details => !details.closest('.bench'))) {
      details.open = true
      undo.push(() => { details.open = false })
    }
    const answers = all('main :is(.lab-predict ~ .lab-recorded, .why)')
    if (!answers.length) return
    const end = part('section', 'answers', part('h2', '', 'What happened, and why'))
    for (const answer of answers) {
      const asked = answer.parentNode.querySelector('h3, legend').cloneNode(true), mark = document.createComment('')
      asked.removeAttribute('id')
      answer.replaceWith(mark)
      end.append(part('div', 'lab', part('h3', '', ...asked.childNodes), answer))
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

function part(tag, name, ...children) {
  const element = document.createElement(tag)
  element.className = name
  element.append(...children)
  return element
}
