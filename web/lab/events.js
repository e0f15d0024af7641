// The picture as a table: every event, sorted by time or by lane, two hundred rows at a time. It is loaded when a
// reader opens it.
import { el, scrollBox, textButton } from './dom.js'
import { moment, number } from './format.js'
import { M } from './model.js'
import { sourceName, sourcePage } from './places.js'
import { sentence } from './words.js'

const page = 200 // rows

const compare = {
  time: (a, b) => a.mark[M.AT] - b.mark[M.AT] || a.i - b.i || a.lane.id - b.lane.id,
  lane: (a, b) => a.i - b.i || a.lane.id - b.lane.id || a.mark[M.AT] - b.mark[M.AT],
}

// rowsOf returns all marks of a run, each with its track (the i-th) and lane.
function rowsOf(run) {
  return run.tracks.flatMap((track, i) => track.lanes.filter(Boolean).flatMap(lane =>
    lane.marks().filter(mark => mark[M.LANE] === lane.id).map(mark => ({ track, i, lane, mark }))))
}

// eventsTable fills body. It calls choose with the track, lane and mark of a row that the reader selects, to show it in
// the picture.
export function eventsTable(run, choose, body) {
  const rows = rowsOf(run).sort(compare.time)
  let order = 'time', at = 0

  const sortButton = (text, onclick, props = {}) =>
    el('button', { type: 'button', class: 'lab-sort', onclick, ...props }, text)
  const head = (name, by) => {
    if (!by) return el('th', { scope: 'col' }, name)
    const sort = () => {
      order = by
      at = 0
      rows.sort(compare[by])
      render()
      body.querySelector('[aria-sort="ascending"] button')?.focus()
    }
    return el('th', { scope: 'col', 'aria-sort': order === by ? 'ascending' : 'none' }, sortButton(name, sort))
  }
  const turn = (label, to) => {
    const go = () => {
      at = to
      render()
    }
    return textButton(label, go, { disabled: to < 0 || to >= rows.length })
  }
  const line = ({ track, lane, mark }) => {
    const site = track.site(mark), when = moment(mark[M.AT], 1e6)
    const show = sortButton(when, () => choose(track, lane, mark), { 'aria-label': 'Show in the picture, ' + when })
    return el('tr', {}, el('td', {}, show),
      el('td', {}, track.name + ' · ' + lane.name),
      el('td', {}, sentence(lane, mark, run.now)),
      el('td', {}, site ? el('a', { href: sourcePage(site) }, sourceName(site)) : ''))
  }
  const render = () => {
    const part = rows.slice(at, at + page), first = rows.length ? at + 1 : 0
    body.replaceChildren(
      scrollBox('Events', el('table', { class: 'lab-table' },
        el('thead', {}, el('tr', {},
          head('time', 'time'), head('server and lane', 'lane'), head('what happened'), head('source'))),
        el('tbody', {}, ...part.map(line)))),
      el('p', { class: 'lab-pages' }, turn('Earlier rows', at - page),
        ` ${number(first)}–${number(at + part.length)} of ${number(rows.length)} `, turn('Later rows', at + page)))
  }
  render()
}
