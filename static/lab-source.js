// What is known of the chosen mark: a sentence, its particulars, and the source line that made it.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el } = era
  const around = 7 // lines shown before and after the lit one

  era.sourcePage = site => 'source/' + site.file.replace(/^runnable\//, '') + '.html#L' + site.line

  // paragraph is the one of this page that explains the line, or at least the file: data-explains names FILE and
  // FILE:FIRST-LAST.
  function paragraph(site) {
    let file = null
    for (const element of document.querySelectorAll('[id][data-explains]')) {
      for (const about of element.dataset.explains.split(' ')) {
        const [, name, first, last] = /^([^:]*)(?::(\d+)-(\d+))?$/.exec(about) || []
        if (name !== site.file) continue
        if (first <= site.line && site.line <= last) return element
        file ??= element
      }
    }
    return file
  }

  era.Detail = class Detail {
    constructor() {
      this.sentence = el('p', { class: 'lab-sentence', role: 'status' })
      this.facts = el('dl', { class: 'lab-facts' })
      this.code = el('pre', { class: 'lab-code chroma', tabIndex: 0, 'aria-label': 'Source' })
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
      this.sentence.textContent = mark ? era.say(lane, mark, now) : lane.name + ': nothing was seen here.'
      this.facts.replaceChildren(...(mark ? era.facts(lane, mark, now) : []).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))))
      const site = mark && track.site(mark)
      this.element.classList.toggle('lab-nosource', !site)
      if (!site) {
        this.shown = ''
        return
      }
      this.lit(site)
    }
    async lit(site) {
      const key = site.file + ':' + site.line
      if (this.shown === key) return
      this.shown = key
      const links = [el('a', { href: era.sourcePage(site) }, key)]
      const prose = paragraph(site)
      if (prose) links.push(' · ', el('a', { href: '#' + prose.id }, 'where the chapter explains it'))
      this.where.replaceChildren(...links)
      let lines
      try {
        lines = await era.load('sources/' + site.file + '.js')
      } catch (error) {
        if (this.shown === key) this.code.replaceChildren('The source is not here: ' + error.message + '.')
        return
      }
      if (this.shown !== key) return // another mark was chosen meanwhile
      const first = Math.max(1, site.line - around), rows = []
      for (let n = first; n <= Math.min(lines.length, site.line + around); n++) {
        const row = el('span', { class: n === site.line ? 'line lit' : 'line', 'data-line': n })
        if (n === site.line) row.setAttribute('aria-current', 'true')
        for (const [name, text] of lines[n - 1]) row.append(name ? el('span', { class: name }, text) : text)
        rows.push(row, '\n')
      }
      this.code.replaceChildren(...rows)
      this.code.setAttribute('aria-label', 'Source, ' + site.file + ', line ' + site.line)
    }
  }
})()
