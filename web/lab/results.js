// The results of a finished run: sentences and a table.
import { el, scrollBox } from './dom.js'

export const verdicts = run => el('ul', { class: 'lab-verdicts' }, ...run.result.servers.map((server, i) =>
  el('li', { 'data-server': run.tracks[i].key }, server.verdict)))

const th = (props, name, note) => el('th', { scope: 'col', ...props }, name, note && el('small', {}, note))
const row = (...cells) => el('tr', {}, ...cells)

// resultsTable shows the lab's columns and cells. The columns of a group of clients have its name above them.
export const resultsTable = ({ table: { heads, columns, rows }, tracks }) =>
  scrollBox('Results', el('table', { class: 'lab-results' },
    el('thead', {},
      row(th({ rowSpan: 2 }, 'server'),
        ...heads.map(({ name, note, of }) => th(of ? { colSpan: of } : { rowSpan: 2 }, name, note))),
      row(...columns.filter(({ group }) => group).map(({ name }) => th({}, name)))),
    el('tbody', {}, ...rows.map((cells, i) =>
      row(el('th', { scope: 'row' }, tracks[i].name), ...cells.map(cell => el('td', {}, cell)))))))
