// The contents: those of the chapter, beside it, and those of the book, in the masthead. Both mark the section that is
// read.
import { all, onScroll } from './dom.js'

export function markSections() {
  const links = all('.contents a, .book .chapters ol a'), heads = all('.text h2[id]')
  if (!links.length || !heads.length) return
  const mark = () => {
    const isPast = head => head.offsetParent && head.getBoundingClientRect().top < innerHeight * 0.3
    const here = heads.filter(isPast).at(-1)
    for (const link of links) {
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
  mark()
}

// foldContents closes the contents of the book when the reader goes on, and opens them where the reader is.
export function foldContents() {
  const book = document.querySelector('.book')
  if (!book) return
  const list = book.querySelector('.chapters'), summary = book.querySelector('summary')
  book.addEventListener('toggle', () => {
    const here = book.querySelector('[aria-current="page"]')
    if (book.open && here) list.scrollTop = here.offsetTop - 16
  })
  book.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !book.open) return
    book.open = false
    summary.focus()
  })
  addEventListener('click', event => {
    if (event.target.closest('.book a') || !book.contains(event.target)) book.open = false
  })
  book.addEventListener('focusout', event => {
    if (event.relatedTarget && !book.contains(event.relatedTarget)) book.open = false
  })
}

// turnPages lets the arrow keys lead to the chapters before and after, while nothing else on the page has the focus.
export function turnPages() {
  for (const [rel, key] of [['prev', 'ArrowLeft'], ['next', 'ArrowRight']]) {
    const link = document.querySelector(`.turn[rel=${rel}]`)
    if (!link) continue
    link.setAttribute('aria-keyshortcuts', key)
    addEventListener('keydown', event => {
      if (event.key !== key || event.target !== document.body || event.defaultPrevented) return
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      link.click()
    })
  }
}
