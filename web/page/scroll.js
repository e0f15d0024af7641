// Things that are wider than their place.
import { all } from './dom.js'

// fadeTables fades a table that is wider than its place at the edge where it continues.
export function fadeTables() {
  const mark = box => box.classList.toggle('more', box.scrollLeft + box.clientWidth < box.scrollWidth - 1)
  const watch = new ResizeObserver(entries => entries.forEach(entry => mark(entry.target)))
  for (const box of all('.scroll')) {
    watch.observe(box)
    box.addEventListener('scroll', () => mark(box), { passive: true })
  }
}

// showSpine scrolls the line of years, on a narrow screen, to the reader's position.
export function showSpine() {
  const list = document.querySelector('.spine ol'), here = document.querySelector('.spine .here')
  if (list && here) list.scrollLeft = here.offsetLeft - list.clientWidth / 2
}
