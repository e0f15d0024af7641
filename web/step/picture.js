// The picture of a machine: a table with a row for each client, which leads from the client through the kernel to the
// program.
import { el } from '../lab/dom.js'
import { rowsOf, wordsOf } from './rows.js'

const heads = ['Clients', 'Inside the kernel', 'Inside the program']

export class Picture {
  constructor(name) {
    this.body = el('tbody')
    this.element = el('table', { class: 'st-machine', 'aria-label': `The machine of ${name}` },
      el('thead', {}, el('tr', {}, ...heads.map(head => el('th', { scope: 'col' }, head)))), this.body)
  }

  // show paints a state, and marks what differs from the state before, if it has one.
  show(state, before) {
    const old = before && wordsOf(rowsOf(before))
    const painted = parts => parts.map(part => paint(part, Boolean(old) && old.get(part.key) !== part.text))
    this.body.replaceChildren(...rowsOf(state, before).map(row => el('tr', { 'data-row': row.key },
      row.head ? el('th', { scope: 'row' }, el('b', {}, row.head), ...painted(row.client)) : el('td'),
      el('td', {}, ...painted(row.kernel)), el('td', {}, ...painted(row.program)))))
  }
}

// paint makes the element of a part.
function paint(part, isNew) {
  const element = kinds[part.kind](part)
  element.classList.add('st-part', 'st-' + part.kind)
  if (isNew) element.classList.add('st-new')
  return element
}

const line = (...children) => el('span', {}, ...children)
const words = text => el('span', { class: 'st-words' }, text)
const badge = text => el('span', { class: 'st-badge' }, text)
const label = text => el('span', { class: 'st-label' }, text)
const box = ({ bytes, n }) =>
  [el('code', { class: 'st-bytes' }, bytes), el('span', { class: 'st-n' }, n === 1 ? '1 byte' : n + ' bytes')]

const kinds = {
  tally: ({ text, state }) => el('span', { class: state ? 'st-' + state : '' }, text),
  quiet: ({ text }) => line(text),
  queued: ({ text }) => line(text),
  file: ({ fd, text }) => line(badge(fd), words(text)),
  buffer: part => line(label(part.label), ...box(part)),
  flight: part => line(label(part.to === 'kernel' ? 'on its way →' : '← on its way'), ...box(part)),
  queue: ({ names }) => line(label('accept queue'),
    ...(names.length ? names.map(name => el('span', { class: 'st-chip' }, name)) : [words('empty')])),
  interest: ({ fd, what }) => line(badge(fd), words(what)),
  ready: ({ fds }) => line(label('ready list'), ...(fds.length ? fds.map(badge) : [words('empty')])),
  thread: ({ id, state, call, words: said }) => el('span', { class: 'st-' + state }, badge('thread ' + id), ' ',
    el('code', {}, call), ' ', words(said)),
  parked: ({ state, name, words: said, site }) => el('span', { class: 'st-' + state }, badge(name), ' ', words(said),
    ' ', site ? el('code', {}, site.replace(/^.*\//, '')) : ''),
}
