// Marks the section of the contents that is being read.
import { all, onScroll } from './dom.js'

export function markSections() {
  const links = all('.contents a'), heads = all('.text h2[id]')
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
      // A list that is longer than the window follows.
      const list = link.closest('.contents'), isLonger = link.offsetParent && list.scrollHeight > list.clientHeight
      if (isLonger) list.scrollTop = link.offsetTop - list.clientHeight / 2
    }
  }
  onScroll(mark)
  mark()
}
