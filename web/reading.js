// Notes what is read and done, and where; marks it, and leads back there. page.js loads it for a reader who begins to
// read, or has done so before.
import { all } from './page/dom.js'
import { goOnAt, mark, onProgress, progress, read, record } from './page/progress.js'
import { readNow } from './reading/now.js'

const rest = 400 // ms without scrolling

addEventListener('era:note', event => record(event.detail))
const text = document.querySelector('main[data-chapter]')
if (text) noteReading(text)
goOn()

// noteReading notes the sections of a chapter that are read, and where to go on: in the section that is in sight, or in
// the next chapter.
function noteReading(text) {
  const { chapter } = text.dataset, heads = all('h2[id]', text), end = text.querySelector('.pager')
  const after = /([^/]*)\.html$/.exec(document.querySelector('.turn[rel=next]')?.pathname ?? '')?.[1]
  let seen = [], last = scrollY, waiting
  const look = () => {
    if (document.hidden) return
    const shown = heads.filter(head => head.offsetParent)
    const tops = [...shown, end].map(element => element.getBoundingClientRect().top)
    const boxes = shown.map((_, i) => ({ top: tops[i], bottom: tops[i + 1] }))
    const now = readNow(boxes, innerHeight, seen, Math.abs(scrollY - last) < innerHeight * 1.1)
    seen = now.seen
    last = scrollY
    for (const i of now.done) read(chapter, shown[i].id)
    const here = shown.findLast((_, i) => tops[i] < innerHeight * 0.3)
    if (after && tops.at(-1) < innerHeight) goOnAt(after, '')
    else goOnAt(chapter, here?.id ?? '')
  }
  addEventListener('scroll', () => {
    clearTimeout(waiting)
    waiting = setTimeout(look, rest)
  }, { passive: true })
  setTimeout(look, rest)
  onProgress(() => {
    mark(all('.contents a'))
    mark(all('.todo a'), 'not yet')
  })
}

// goOn lets the first page lead on, for a reader who has begun.
function goOn() {
  const { at } = progress()
  const chapter = at && all('.shelf a').find(link => link.getAttribute('href') === at.chapter + '.html')
  if (!chapter) return
  for (const link of all('.hero-go :is(.begin, .start)')) {
    link.href = chapter.href + (at.section && '#' + at.section)
    link.title = chapter.textContent
    link.textContent = 'Go on where you left'
  }
  const here = document.createElement('span')
  here.className = 'did'
  here.textContent = 'you are here'
  chapter.append(' ', here)
}
