// The source around the line that stands before its call, with marks where the other threads and coroutines stand.
import { el } from '../lab/dom.js'
import { load, sourcePage } from './load.js'

const around = 4 // lines before and after

export class Code {
  constructor() {
    this.where = el('p', { class: 'st-where' })
    this.lines = el('pre', { class: 'st-code chroma', tabIndex: 0, role: 'group', 'aria-label': 'Source' })
    this.element = el('div', { class: 'st-source' }, this.where, this.lines)
  }

  // show lights a line, "select/main.go:40". others are [name, site].
  async show(site, others) {
    this.element.classList.toggle('st-nowhere', !site)
    if (!site) return
    const key = site + JSON.stringify(others)
    if (this.shown === key) return
    this.shown = key
    const [, file, number] = /^(.*):(\d+)$/.exec(site), n = Number(number)
    this.where.replaceChildren(el('a', { href: sourcePage(file, n) }, site))
    let lines
    try {
      lines = await load(`sources/runnable/${file}.js`)
    } catch (error) {
      if (this.shown === key) this.lines.replaceChildren('The source is not here: ' + error.message + '.')
      return
    }
    if (this.shown !== key) return // another line was lit meanwhile
    const from = Math.max(1, n - around), to = Math.min(lines.length, from + 2 * around), rows = []
    for (let at = from; at <= to; at++) {
      const row = el('span', { class: at === n ? 'line lit' : 'line', 'data-line': at })
      if (at === n) row.setAttribute('aria-current', 'true')
      for (const [name, text] of lines[at - 1]) row.append(name ? el('span', { class: name }, text) : text)
      const here = others.filter(other => other[1] === `${file}:${at}`).map(([name]) => name)
      if (here.length) row.append(el('span', { class: 'st-here' }, '← ' + here.join(', ')))
      rows.push(row, '\n')
    }
    this.lines.replaceChildren(...rows)
    this.lines.setAttribute('aria-label', `Source, ${file}, line ${n}`)
  }
}
