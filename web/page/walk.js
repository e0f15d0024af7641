// A walk through code lights the lines of one step at a time.
import { all, onScroll } from './dom.js'

export function walk(section) {
  const steps = all('.step', section), lines = all('.l', section), list = section.querySelector('.steps')
  if (!steps.length) return
  const isRow = () => list.scrollWidth > list.clientWidth + 1 // on a narrow screen, where one step is in sight
  let now = 0
  const light = index => {
    now = index
    steps.forEach((step, i) => {
      step.classList.toggle('now', i === index)
      const link = step.querySelector('.step-number')
      if (i === index) link.setAttribute('aria-current', 'step')
      else link.removeAttribute('aria-current')
      for (const stop of all('.step-number, .spot', step)) stop.tabIndex = i === index ? 0 : -1
    })
    const number = String(index + 1)
    for (const line of lines) line.classList.toggle('lit', (line.dataset.s || '').split(' ').includes(number))
    all('pre', section).forEach(reveal)
  }
  const go = index => {
    light(index)
    if (isRow()) list.scrollLeft = steps[index].offsetLeft - steps[0].offsetLeft
  }
  steps.forEach((step, i) => listen(steps, step, i, go))
  list.addEventListener('scroll', () => {
    if (!isRow()) return
    const away = step => Math.abs(step.offsetLeft - steps[0].offsetLeft - list.scrollLeft)
    const nearest = steps.reduce((best, step, i) => away(step) < away(steps[best]) ? i : best, 0)
    if (nearest !== now) light(nearest)
  }, { passive: true })
  // A walk that is taller than the window follows the reader: the step at the reading height is lit.
  onScroll(() => {
    if (section.offsetHeight < innerHeight * 0.9 || isRow()) return
    const box = section.getBoundingClientRect()
    if (box.bottom < 0 || box.top > innerHeight || section.contains(document.activeElement)) return
    const past = steps.filter(step => step.getBoundingClientRect().top < innerHeight * 0.45).length - 1
    if (past >= 0 && past !== now) light(past)
  })
  light(0)
  const prefix = `#${section.id}-step-`, linked = Number(location.hash.slice(prefix.length)) - 1
  if (location.hash.startsWith(prefix) && steps[linked]) go(linked)
}

function listen(steps, step, i, go) {
  step.addEventListener('click', event => {
    const link = event.target.closest('a')
    if (link && !link.classList.contains('step-number')) return
    if (link) event.preventDefault()
    go(i)
  })
  step.querySelector('.step-number').addEventListener('keydown', event => {
    const keys = {
      ArrowDown: i + 1, ArrowRight: i + 1, ArrowUp: i - 1, ArrowLeft: i - 1, Home: 0, End: steps.length - 1,
    }
    const to = keys[event.key]
    if (!steps[to]) return
    event.preventDefault()
    go(to)
    steps[to].querySelector('.step-number').focus({ preventScroll: true })
    steps[to].scrollIntoView({ block: 'nearest' })
  })
}

// reveal scrolls the listing, and nothing else, until the lit lines are in sight.
function reveal(pre) {
  const lit = all('.lit', pre)
  if (!lit.length || !pre.offsetParent) return
  const top = lit[0].offsetTop, bottom = lit.at(-1).offsetTop + lit.at(-1).offsetHeight
  if (top >= pre.scrollTop && bottom <= pre.scrollTop + pre.clientHeight) return
  pre.scrollTop = Math.max(0, Math.min(top - 24, (top + bottom - pre.clientHeight) / 2))
}
