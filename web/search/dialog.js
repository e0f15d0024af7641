// The search's window: a field, and the list of what was found, of which one is chosen by arrow keys or pointed at.
import { el } from '../lab/dom.js'
import { Index } from './index.js'
import { land } from './land.js'
import { here, load, top } from './load.js'
import { forget, recent, remember } from './recent.js'
import { grouped, inText, summary } from './results.js'
import { pick, sentence } from './sentence.js'
import { hitsIn } from './words.js'

const kinds = { t: 'Term', e: 'Directory', v: 'Server', x: 'Experiment', w: 'Code', n: 'Clause' }

// Search is the window. It is made once for a page.
export class Search {
  constructor() {
    const list = 'search:list', oninput = () => this.show(), onkeydown = event => this.press(event)
    this.field = el('input', {
      type: 'text', class: 'search-field', role: 'combobox', autocomplete: 'off', autocapitalize: 'off',
      spellcheck: false, enterKeyHint: 'go', 'aria-label': 'Search the book', 'aria-autocomplete': 'list',
      'aria-controls': list, 'aria-expanded': 'false', placeholder: 'A word, a call, a clause, a name', oninput,
      onkeydown,
    })
    const close = el('button', { type: 'button', class: 'search-close', onclick: () => this.window.close() }, 'Close')
    this.status = el('p', { class: 'search-status', role: 'status' })
    this.list = el('div', { class: 'search-list', id: list, role: 'listbox', 'aria-label': 'Places in the book' })
    this.help = el('div', { class: 'search-help' })
    const onclick = event => { if (event.target === this.window) this.window.close() } // beside it
    this.window = el('dialog', { class: 'search', 'aria-label': 'Search', onclick },
      el('div', { class: 'search-box' },
        el('div', { class: 'search-head' }, this.field, close), this.status, this.help, this.list))
    this.options = []
    this.chosen = -1
    document.body.append(this.window)
  }
  async open() {
    if (this.window.open) {
      this.field.select()
      return
    }
    this.window.showModal()
    this.field.select()
    this.show()
    if (this.index) return
    try {
      this.index = new Index(await load('book.index'))
      this.show()
    } catch {
      this.say('The index could not be loaded. ', this.toIndex())
    }
  }
  toIndex() {
    return el('a', { href: new URL('find.html', top).href }, 'All words in the order of letters')
  }
  // say replaces the list by words.
  say(...words) {
    this.offer([])
    this.status.textContent = ''
    this.help.replaceChildren(el('p', {}, ...words))
  }
  // show shows what there is for the words in the field.
  show() {
    const query = this.field.value.trim()
    if (!query) this.greet()
    else if (!this.index) this.say('Loading the index …')
    else this.answer(query)
  }
  // greet says what can be looked for, and offers what was looked for before.
  greet() {
    const before = recent()
    this.status.textContent = ''
    this.help.replaceChildren(
      el('p', {}, 'Words of the text, system calls and functions, servers, experiments, terms, clauses such as C0.2.'),
      el('p', {}, this.toIndex()))
    this.offer(before.map(query => el('div', {
      class: 'search-option', onclick: () => {
        this.field.value = query
        this.field.focus()
        this.show()
      },
    }, query)), before.length ? 'Before' : '')
    if (!before.length) return
    const onclick = () => {
      forget()
      this.greet()
      this.field.focus()
    }
    this.help.append(el('button', { type: 'button', class: 'search-forget', onclick }, 'Forget what I looked for'))
  }
  answer(query) {
    const { places, instead, isWhole } = this.index.find(query), groups = grouped(places)
    this.help.replaceChildren()
    if (!places.length) {
      this.say(`Nothing in the book is like “${query}”. Try another word for it, or look through the index. `,
        this.toIndex())
      this.status.textContent = 'Nothing was found.'
      return
    }
    const visible = groups.reduce((sum, group) => sum + group.places.length, 0)
    const pages = new Set(places.map(({ unit }) => unit.page)).size
    this.status.textContent = summary(places.length, pages, visible)
    if (!isWhole) this.help.append(el('p', {}, 'No place has all of these words. These have some.'))
    for (const [asked, found] of instead) {
      this.help.append(el('p', {}, `The book does not have “${asked}”. This is for “${found}”.`))
    }
    const options = []
    this.list.replaceChildren(...groups.map((group, i) => {
      const id = `search:group-${i}`, made = group.places.map(place => this.option(place, query))
      options.push(...made)
      return this.group(id, this.heading(group.page), made)
    }))
    this.take(options)
    for (const { page } of groups) this.fill(page)
  }
  group(id, heading, options) {
    return el('div', { class: 'search-group', role: 'group', 'aria-labelledby': id },
      el('p', { id, role: 'presentation' }, ...heading), ...options)
  }
  heading(at) {
    const page = this.index.pages[at]
    if (!page) return ['Source of what the servers share']
    return /\d/.test(page.number) ? [el('b', {}, page.number), ' ', page.title] : [page.title]
  }
  // option is a place that was found. Its sentence follows when the chapter's text has come.
  option({ unit, words }, query) {
    const [name] = unit.names, line = el('span', { class: 'search-sentence' })
    const title = el('span', { class: 'search-title' }, ...marked(name, hitsIn(name, words)))
    if (kinds[unit.kind]) title.append(' ', el('span', { class: 'search-kind' }, kinds[unit.kind]))
    const option = el('a', { class: 'search-option', href: this.address(unit, unit.anchor, words) }, title, line)
    option.addEventListener('click', event => {
      remember(query)
      const isHere = option.pathname === location.pathname && option.search
      if (!isHere || event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      this.window.addEventListener('close', () => { // which gives the focus back
        location.hash = option.hash
        land(decodeURIComponent(option.hash.slice(1)), words)
      }, { once: true })
      this.window.close()
    })
    Object.assign(option, { unit, line, words })
    if (unit.kind === 'd') line.textContent = unit.anchor.replace(/^source\//, '').replace('.html#L', ', line ')
    return option
  }
  // address is where a place is. A page that is opened with ?find= lights the words.
  address({ page, kind }, anchor, words) {
    if (kind === 'd' || anchor.startsWith('source/')) return new URL(anchor, top).href
    const url = new URL(this.index.pages[page].page + '.html', top)
    url.search = new URLSearchParams({ find: words.join(' ') })
    url.hash = anchor
    return url.href
  }
  // fill adds the sentences of a chapter's places.
  async fill(at) {
    const page = this.index.pages[at]
    if (!page) return
    try {
      if (!here(page.page)) await load(page.page)
    } catch {
      return // the places can be gone to without
    }
    for (const option of this.options) {
      if (option.unit?.page !== at || option.line.textContent) continue
      const blocks = inText(option.unit, here(page.page)), texts = blocks.map(([, text]) => text)
      const [anchor, text] = blocks[Math.max(0, pick(texts, option.words))] ?? []
      if (!text) continue
      const part = sentence(text, option.words)
      option.line.replaceChildren(...marked(part.text, part.hits))
      if (part.hits.length && hitsIn(option.unit.names[0], option.words).length < option.words.length) {
        option.href = this.address(option.unit, anchor, option.words)
      }
    }
  }
  // offer shows options without groups, under a heading.
  offer(options, heading = '') {
    this.list.replaceChildren(...(options.length ? [this.group('search:before', [heading], options)] : []))
    this.take(options)
  }
  // take makes options of elements that are in the list, and chooses the first of what was found.
  take(options) {
    this.options = options
    options.forEach((option, i) => {
      option.id = `search:option-${i}`
      option.role = 'option'
      option.tabIndex = -1
      option.ariaSelected = 'false'
      option.addEventListener('pointermove', () => this.choose(i))
    })
    this.field.ariaExpanded = String(options.length > 0)
    this.choose(options.length && this.field.value.trim() ? 0 : -1)
  }
  choose(i) {
    if (this.options[this.chosen]) this.options[this.chosen].ariaSelected = 'false'
    this.chosen = i
    const option = this.options[i]
    if (!option) {
      this.field.removeAttribute('aria-activedescendant')
      return
    }
    option.ariaSelected = 'true'
    this.field.setAttribute('aria-activedescendant', option.id)
  }
  press(event) {
    const { length } = this.options
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && length) {
      event.preventDefault()
      this.choose(this.chosen < 0 ? (step > 0 ? 0 : length - 1) : (this.chosen + step + length) % length)
      this.options[this.chosen].scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter' && this.options[this.chosen]) {
      event.preventDefault()
      const { ctrlKey, metaKey, shiftKey } = event
      this.options[this.chosen].dispatchEvent(
        new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }))
    }
  }
}

// marked is a text in which hits are marked.
function marked(text, hits) {
  const parts = []
  let at = 0
  for (const { from, to } of hits) {
    parts.push(text.slice(at, from), el('mark', {}, text.slice(from, to)))
    at = to
  }
  return [...parts, text.slice(at)]
}
