// What is known about the chosen mark: a sentence, its details, and the source line that made it.
import { el } from './dom.js'
import { load } from './load.js'
import { sourcePage } from './places.js'
import { facts, sentence } from './words.js'

const around = 7 // lines shown before and after the lit one

// paragraph returns the step of this page that explains the line, or at least one that explains its file.
function paragraph(site) {
  let ofFile = null
  for (const pane of document.querySelectorAll('.walk .pane')) {
    if (pane.querySelector('.pane-name').textContent !== site.file) continue
    const walk = pane.closest('.walk'), steps = pane.querySelector(`[data-n="${site.line}"]`)?.dataset.s
    if (steps) return walk.querySelector(`[data-step="${parseInt(steps, 10)}"]`)
    ofFile ??= walk.querySelector('.step')
  }
  return ofFile
}

export class Detail {
  constructor() {
    this.sentence = el('p', { class: 'lab-sentence', role: 'status' })
    this.facts = el('dl', { class: 'lab-facts' })
    this.code = el('pre', { class: 'lab-code chroma', tabIndex: 0, role: 'group', 'aria-label': 'Source' })
    this.where = el('p', { class: 'lab-where' })
    this.element = el('div', { class: 'lab-detail', hidden: true },
      el('div', { class: 'lab-words' }, this.sentence, this.facts),
      el('div', { class: 'lab-source' }, this.where, this.code))
  }
  clear() {
    this.element.hidden = true
    this.shown = ''
  }
  show(track, lane, mark, now) {
    this.element.hidden = false
    this.sentence.textContent = mark ? sentence(lane, mark, now) : lane.name + ': nothing was seen here.'
    this.facts.replaceChildren(...(mark ? facts(lane, mark, now) : []).map(([name, value]) =>
      el('div', {}, el('dt', {}, name), el('dd', {}, value))))
    const site = mark && track.site(mark)
    this.element.classList.toggle('lab-nosource', !site)
    if (site) this.light(site)
    else this.shown = ''
  }
  // light shows the source around a line, and highlights the line.
  async light(site) {
    const key = site.file + ':' + site.line
    if (this.shown === key) return
    this.shown = key
    const links = [el('a', { href: sourcePage(site) }, key)]
    const prose = paragraph(site)
    if (prose) links.push(' · ', el('a', { href: '#' + prose.id }, 'where the chapter explains it'))
    this.where.replaceChildren(...links)
    let lines
    try {
      lines = await load('sources/' + site.file + '.js')
    } catch (error) {
      if (this.shown === key) this.code.replaceChildren('The source is not here: ' + error.message + '.')
      return
    }
    if (this.shown !== key) return // another mark was selected meanwhile
    const rows = []
    for (let n = Math.max(1, site.line - around); n <= Math.min(lines.length, site.line + around); n++) {
      const row = el('span', { class: n === site.line ? 'line lit' : 'line', 'data-line': n })
      if (n === site.line) row.setAttribute('aria-current', 'true')
      for (const [name, text] of lines[n - 1]) row.append(name ? el('span', { class: name }, text) : text)
      rows.push(row, '\n')
    }
    this.code.replaceChildren(...rows)
    this.code.setAttribute('aria-label', 'Source, ' + site.file + ', line ' + site.line)
  }
}
