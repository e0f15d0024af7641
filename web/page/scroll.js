// Things that are wider or higher than their place.
import { all } from './dom.js'

// watchScrollers fades a table that is wider than its place at the edge where it continues. A table or a listing takes
// the focus only if there is something to scroll.
export function watchScrollers() {
  const mark = box => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = box
    const isWider = scrollWidth > clientWidth + 1
    if (isWider || scrollHeight > clientHeight + 1) box.tabIndex = 0
    else box.removeAttribute('tabindex')
    if (box.matches('.scroll')) box.classList.toggle('more', isWider && box.scrollLeft + clientWidth < scrollWidth - 1)
  }
  const watch = new ResizeObserver(entries => entries.forEach(entry => mark(entry.target)))
  for (const box of all('.scroll, pre.code')) {
    watch.observe(box)
    if (box.matches('.scroll')) box.addEventListener('scroll', () => mark(box), { passive: true })
  }
}
