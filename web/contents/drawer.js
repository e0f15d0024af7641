// The contents of the whole book, over the page; on a wide screen, beside the text of a chapter, where they stay while
// the reader goes on.
import { el } from '../lab/dom.js'
import { all, keep } from '../page/dom.js'
import { say } from '../page/words.js'
import { showDone } from './chapters.js'

const top = new URL('..', document.currentScript.src) // of the site
const wide = matchMedia('(min-width: 80rem)')

// styled is a promise that the style sheet has come, or that it will not.
const sheet = el('link', { rel: 'stylesheet', href: new URL('static/contents.css', top) })
const styled = new Promise(resolve => {
  for (const over of ['load', 'error']) sheet.addEventListener(over, resolve)
})
document.head.append(sheet)

export class Drawer {
  // parts is the outline of the book, as site/outline.go makes it.
  constructor(parts) {
    this.button = document.querySelector('a.book')
    this.here = decodeURIComponent(this.button.hash.slice(1))
    const close = el('button', {
      type: 'button', class: 'drawer-close', 'aria-label': say('Close the contents'), onclick: () => this.hide(),
    }, '×')
    this.list = el('div', { class: 'drawer-list' },
      ...parts.flatMap(({ title, chapters }) => [title ? el('h3', {}, title) : null,
        el('ol', { class: 'chapters' }, ...chapters.map(chapter => this.entry(chapter)))]))
    this.element = el('dialog', { class: 'drawer', id: 'page:drawer', 'aria-labelledby': 'page:drawer-title' },
      el('div', { class: 'drawer-head' }, el('h2', { id: 'page:drawer-title' }, say('Contents')), close),
      this.list,
      el('p', { class: 'drawer-foot' },
        el('a', { href: this.button.pathname }, say('All on one page')), ' ',
        el('a', { href: this.button.pathname + '#page:progress' }, say('Your progress'))))
    document.body.append(this.element)
    this.button.setAttribute('aria-controls', this.element.id)
    this.listen()
    showDone(this.list)
  }

  address(name) { return new URL(name, top).href }

  // entry is a chapter, whose places are folded away but those of the chapter that is read.
  entry(chapter) {
    const { id, page: own = id + '.html', lang, number = '·', title, year } = chapter
    const { sections = [], experiments = [], questions = [] } = chapter
    const isHere = id === this.here, page = isHere ? '' : this.address(own)
    const link = place => el('a', { href: page + '#' + place.id }, place.title)
    const places = [
      ...sections.map(place => el('li', { class: place.level > 2 ? 'within' : '' }, link(place))),
      ...experiments.map(place => el('li', { class: 'task' }, el('span', {}, say('Experiment')), ' ', link(place))),
      ...questions.map(place => el('li', { class: 'task' }, el('span', {}, say('Question')), ' ', link(place))),
    ]
    return el('li', { class: 'chapter-item', ...lang && { lang } },
      el('a', { class: 'chapter-link', href: page || '#page:top', 'aria-current': isHere ? 'page' : undefined },
        el('b', {}, number), el('span', {}, title), year ? el('span', { class: 'year' }, year) : null),
      places.length === 0 ? null : el('details', { open: isHere },
        el('summary', {}, el('span', { class: 'quiet-text' }, say('What is in %1', title))),
        el('ul', { class: 'places' }, ...places)))
  }

  listen() {
    const { element } = this
    this.button.addEventListener('era:contents', ({ detail: by }) => {
      if (element.open) this.hide()
      else this.show(by)
    })
    element.addEventListener('click', event => {
      // The page behind it, or a link.
      if (event.target === element || event.target.closest('a') && !this.beside) this.hide()
    })
    element.addEventListener('close', () => this.closed())
    addEventListener('keydown', event => {
      if (event.key === 'Escape' && element.open && element.contains(document.activeElement)) this.hide()
    })
    wide.addEventListener('change', () => { // the window may become too narrow for both
      if (!element.open) return
      element.close()
      this.show('page')
    })
  }

  // show opens the contents where the reader is. by says what asked for them: a click, a key, or the page, on which
  // they stood beside the text before.
  async show(by) {
    const { element } = this
    await styled
    if (element.open) return
    this.beside = wide.matches && !!document.querySelector('.page')
    if (!this.beside && by === 'page') return
    element.classList.toggle('beside', this.beside)
    if (this.beside) element.open = true // show() would take the focus, also on a page that has just come
    else element.showModal()
    dispatchEvent(new Event('era:drawn'))
    this.button.setAttribute('aria-expanded', 'true')
    const here = this.list.querySelector('[aria-current="true"]') ?? this.list.querySelector('[aria-current]')
    const topOf = e => e.getBoundingClientRect().top
    if (here) this.list.scrollTop += topOf(here) - topOf(this.list) - this.list.clientHeight / 3
    if (by !== 'page') (here ?? this.list.querySelector('a')).focus({ preventScroll: true })
    if (this.beside) keep('contents', 'beside')
  }

  hide() {
    const { element } = this, hadFocus = element.contains(document.activeElement)
    element.close()
    if (hadFocus && this.beside) this.button.focus({ preventScroll: true })
    if (this.beside) keep('contents', 'closed')
  }
  closed() { this.button.setAttribute('aria-expanded', String(this.element.open)) }
}
