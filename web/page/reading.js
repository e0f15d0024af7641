// Notes what is read, and where; and leads back there.
import { all } from './dom.js'
import { answered, goOnAt, mark, onProgress, progress, read, record } from './progress.js'

// readNow looks at the window where it has come to rest. Boxes are the sections', {top, bottom}, in it. It returns the
// numbers of those in sight, and of those that are read: their end is in sight, or has passed by since they were in
// sight at the rest before, and not by a leap.
export function readNow(boxes, height, before, isNear) {
  const numbers = [...boxes.keys()]
  const seen = numbers.filter(i => boxes[i].top < height * 0.75 && boxes[i].bottom > height * 0.25)
  const done = numbers.filter(i =>
    boxes[i].bottom <= height && (seen.includes(i) || isNear && before.includes(i)))
  return { seen, done }
}

const rest = 400 // ms without scrolling

// noteReading notes the sections of the chapter that are read, what is done with its experiments and questions, and
// where to go on: in the section that is in sight, or in the next chapter.
export function noteReading() {
  addEventListener('era:did', event => record(event.detail))
  const text = document.querySelector('main[data-chapter]')
  if (!text) return
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
  text.addEventListener('change', event => {
    const quiz = event.target.closest('.quiz')
    if (quiz) answered(chapter, quiz.id)
  })
  setTimeout(look, rest)
  onProgress(() => mark(all('.contents a, .todo a')))
}

// goOn lets the first page lead on, for a reader who has begun.
export function goOn() {
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
