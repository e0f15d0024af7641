// The results of a finished run: sentences, the guess graded, and a table.
import { el, scrollBox } from './dom.js'
import { number } from './format.js'
import { gradeOf } from './grade.js'

// graded compares guesses, by server, with what was measured; it returns null if there is nothing to compare. A reader
// who did not guess still wants the answer.
export function graded({ tracks, measured }, guesses) {
  const items = []
  measured.forEach((was, i) => {
    const { key, name } = tracks[i], guess = guesses[key]
    if (was === null) return
    const it = 'it was ' + number(Math.round(was * 10) / 10) + '.'
    if (guess === undefined) {
      items.push(el('li', {}, el('b', {}, name), ': ' + it))
      return
    }
    const [grade, words] = gradeOf(guess, was)
    items.push(el('li', { class: 'lab-' + grade }, el('b', {}, name), `: you said ${number(guess)}, ${it} ${words}`))
  })
  return items.length ? el('ul', { class: 'lab-grades', 'aria-label': 'What was asked' }, ...items) : null
}

export const verdicts = run => el('ul', { class: 'lab-verdicts' }, ...run.result.servers.map((server, i) =>
  el('li', { 'data-server': run.tracks[i].key }, server.verdict)))

// resultsTable shows the lab's columns and cells.
export const resultsTable = ({ table, tracks }) => scrollBox('Results', el('table', { class: 'lab-results' },
  el('thead', {}, el('tr', {}, ...['server', ...table.columns].map(name => el('th', { scope: 'col' }, name)))),
  el('tbody', {}, ...table.rows.map((cells, i) =>
    el('tr', {}, el('th', { scope: 'row' }, tracks[i].name), ...cells.map(cell => el('td', {}, cell)))))))
