// The contents: those of the chapter, beside it, and those of the book, which are loaded when they are first wanted.
import { all, kept, onScroll } from './dom.js'
import { onKey } from './keys.js'
import { load } from './load.js'

// markSections marks the section that is read, in all contents that there are.
export function markSections() {
  const heads = all('.text h2[id]')
  if (!heads.length) return
  const mark = () => {
    // The last section may be too short to come up to the reading height.
    const isEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 2
    const height = innerHeight * (isEnd ? 1 : 0.3)
    const isPast = head => head.offsetParent && head.getBoundingClientRect().top < height
    const here = heads.filter(isPast).at(-1)
    for (const link of all('.contents a, .drawer .places a[href^="#"]')) {
      if (link.hash !== '#' + here?.id) {
        link.removeAttribute('aria-current')
        continue
      }
      link.setAttribute('aria-current', 'true')
      // A list that is longer than the window scrolls along.
      const list = link.closest('.contents')
      if (list && list.scrollHeight > list.clientHeight) list.scrollTop = link.offsetTop - list.clientHeight / 2
    }
  }
  onScroll(mark)
  addEventListener('era:drawn', mark)
  mark()
}

// bookContents makes a button of the link to the page of contents, which opens them here. Contents that stood beside
// the text on the page before do so on this one.
export function bookContents() {
  const link = document.querySelector('a.book')
  if (!link || document.querySelector('main.index')) return
  let loaded
  const ask = async by => {
    try {
      await (loaded ??= load('static/contents.js').then(() => load('outline.js')))
      link.dispatchEvent(new CustomEvent('era:contents', { detail: by }))
    } catch {
      location.assign(link.href)
    }
  }
  link.setAttribute('role', 'button')
  link.setAttribute('aria-keyshortcuts', 'C')
  link.setAttribute('aria-expanded', 'false')
  link.title = 'Key C'
  link.addEventListener('click', event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return // in a tab of its own
    event.preventDefault()
    ask('click')
  })
  link.addEventListener('keydown', event => {
    if (event.key !== ' ') return
    event.preventDefault()
    ask('key')
  })
  onKey('c', () => ask('key'))
  if (kept('contents') === 'beside' && document.querySelector('.page')) ask('page')
}

// turnPages lets the arrow keys lead to the chapters before and after, while nothing else on the page has the focus.
export function turnPages() {
  for (const [rel, key] of [['prev', 'ArrowLeft'], ['next', 'ArrowRight']]) {
    const link = document.querySelector(`.turn[rel=${rel}]`)
    if (!link) continue
    link.setAttribute('aria-keyshortcuts', key)
    onKey(key.toLowerCase(), () => link.click(), true)
  }
}
