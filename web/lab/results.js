// The results of a finished run: sentences and a table.
import { el, scrollBox } from './dom.js'

export const verdicts = run => el('ul', { class: 'lab-verdicts' }, ...run.result.servers.map((server, i) =>
  el('li', { 'data-server': run.tracks[i].key }, server.verdict)))

// resultsTable shows the lab's columns and cells.
export const resultsTable = ({ table, tracks }) => scrollBox('Results', el('table', { class: 'lab-results' },
  el('thead', {}, el('tr', {}, ...['server', ...table.columns].map(name => el('th', { scope: 'col' }, name)))),
  el('tbody', {}, ...table.rows.map((cells, i) =>
    el('tr', {}, el('th', { scope: 'row' }, tracks[i].name), ...cells.map(cell => el('td', {}, cell)))))))
