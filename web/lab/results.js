// What is left when a run is over: sentences, the guess graded, and a table of results.
import { el, scrollBox } from './dom.js'
import { duration, number } from './format.js'
import { gradeOf, measure } from './measure.js'

// graded compares guesses, by server, with what was measured; null when there is nothing to compare. A reader who did
// not guess wants the answer all the same.
export function graded(run, what, guesses) {
  const items = []
  run.result.servers.forEach((server, i) => {
    const { key, name } = run.tracks[i], guess = guesses[key], was = measure(server, what)
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

export function resultsTable(run) {
  const columns = columnsOf(run.result.servers)
  const header = (name, hint = '') => el('th', { scope: 'col', title: hint }, name)
  const cells = server => columns.map(([, cell]) => el('td', {}, String(cell(server))))
  return scrollBox('Results', el('table', { class: 'lab-results' },
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'server'),
      ...columns.map(([name, , hint]) => header(name, hint)))),
    el('tbody', {}, ...run.result.servers.map((server, i) =>
      el('tr', {}, el('th', { scope: 'row' }, run.tracks[i].name), ...cells(server))))))
}

// A request that could not even be sent, to a server that had died, was asked all the same.
const ofAll = ({ answered, failed }) => answered + ' of ' + (answered + failed)
const ms = n => n ? duration(n * 1e6) : '–'
// Calls that were not counted are not zero.
const seen = (server, calls) => server.traced?.startsWith('no') ? '–' : number(calls)
const sum = counts => Object.values(counts || {}).reduce((a, b) => a + b, 0)

const memoryHint = 'On Linux the memory that is the process’s own, RssAnon: pages of files are not counted'

// columnsOf are [name, text of a server, hint]: those of each group of clients, then those of the whole server.
function columnsOf(servers) {
  const groups = Object.keys(servers[0]?.per_group || {})
  const timed = groups.filter(group => servers.some(s => s.per_group[group]?.first_byte_ms))
  const answered = group => s => s.per_group[group] ? ofAll(s.per_group[group].requests) : '–'
  return [
    ...groups.map(group => [group + ' answered', answered(group)]),
    ...groups.map(group => [group + ' median', s => ms(s.per_group[group]?.latency_ms.p50)]),
    ...timed.map(group => [group + ' first byte', s => ms(s.per_group[group]?.first_byte_ms?.p50)]),
    ['slowest', s => ms(s.latency_ms.max)],
    ['threads', s => s.threads_max],
    ['memory', s => (s.rss_kb_max / 1024).toFixed(1) + ' MB', memoryHint],
    ['CPU', s => ms(s.cpu_ms)],
    ['calls', s => seen(s, sum(s.syscalls))],
    ['EAGAIN', s => seen(s, s.eagain || 0)],
  ]
}
