// Links to an experiment: its servers, its knobs and a moment of its picture, as in
// "#lab-one-slow?servers=blocking,select&clients=20@1.90s". A link is checked before it is followed, and never starts a
// run.
import { sideBySide } from './data.js'
import { el, textButton } from './dom.js'
import { moment } from './format.js'
import { wrongs } from './knobs.js'
import { changes } from './runs.js'

// partsOf returns the parts of a link, {name, query, time}; null if it leads to something else. A part that it does not
// have is undefined.
export function partsOf(hash) {
  const [, name, query, time] = /^#lab-([\w-]+)(?:\?(.*?))?(?:(?:@|%40)([^@]*))?$/.exec(hash) || []
  return name && (query ?? time) !== undefined ? { name, query, time } : null
}

// nsOf returns the time of a link, NaN if it is not one.
export const nsOf = time => /^\d{1,5}(\.\d{1,9})?s$/.test(time) ? Math.round(parseFloat(time) * 1e9) : NaN
const timeOf = ns => (ns / 1e9).toFixed(6).replace(/\.?0+$/, '') + 's'

// linkTo returns a link to a setup of an experiment, {servers, settings}, whose own is what the book has; and to a
// moment, unless it is null. The moments of a story have times of their own.
export function linkTo(name, setup, own, at, moments = []) {
  const parts = Object.entries({ servers: setup.servers.join(), ...setup.settings }).map(part => part.join('='))
  const query = changes(setup, own).length ? '?' + parts.join('&') : ''
  const time = at === null ? '' : '@' + (moments.find(told => told.at === at)?.time ?? timeOf(at))
  return `#lab-${name}${query}${time}`
}

const short = text => text.length > 40 ? text.slice(0, 40) + '…' : text

// setupOf returns the setup that the query of a link asks for, or, as {wrong}, what makes no sense in it. can tells
// whether there is a server that can do the experiment, as far as this is known; limits are those of its knobs.
export function setupOf(query, own, can = () => true, limits = null) {
  const servers = [...own.servers], settings = { ...own.settings }, wrong = []
  for (const [key, value] of new URLSearchParams(query)) {
    if (key === 'servers') servers.splice(0, Infinity, ...value.split(',').map(name => name.replace(/\/go$/, '')))
    else if (!Object.hasOwn(own.settings, key)) wrong.push(`This experiment has no knob “${short(key)}”.`)
    else if (!/^\d{1,9}$/.test(value)) wrong.push(`The knob “${key}” takes a whole number, not “${short(value)}”.`)
    else settings[key] = Number(value)
  }
  if (servers.length > sideBySide) wrong.push(`At most ${sideBySide} servers stand side by side.`)
  for (const [i, name] of servers.entries()) {
    if (!/^[a-z][a-z-]*(\/[a-z]+)?$/.test(name) || !can(name)) wrong.push(`No server “${short(name)}” can do this.`)
    else if (servers.indexOf(name) < i) wrong.push(`The server “${name}” is there twice.`)
  }
  if (!wrong.length && limits) wrong.push(...wrongs(limits, settings, servers.length).values())
  return wrong.length ? { wrong: wrong.slice(0, 3) } : { servers, settings }
}

// Share is the button that copies a link, and what it says then. link returns {url, at, span}: at is the moment that it
// leads to, null for none, in a view of the given span.
export class Share {
  constructor(link) {
    this.link = link
    const onfocus = () => this.field.select()
    this.field = el('input',
      { type: 'text', class: 'lab-url', readOnly: true, hidden: true, 'aria-label': 'Link', onfocus })
    this.said = el('span', { role: 'status' })
    this.element = el('p', { class: 'lab-copy' }, textButton('Copy link', () => this.copy()), this.field, this.said)
  }

  async copy() {
    const { url, at, span } = this.link()
    let words = `Copied: a link to this experiment${at === null ? '' : ' at ' + moment(at, span)}.`
    try {
      await navigator.clipboard.writeText(url)
      this.field.hidden = true
    } catch { // there is no clipboard here, or the reader has not allowed it
      Object.assign(this.field, { value: url, hidden: false })
      this.field.focus()
      words = 'Copy the selected link.'
    }
    this.said.textContent = words
  }
}
