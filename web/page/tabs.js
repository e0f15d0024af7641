// Language tabs. All tabs of a page change together: a reader who reads Python reads it everywhere.
import { all, keep } from './dom.js'

const root = document.documentElement

export function tabs() {
  for (const tab of all('.tabs [role=tab]')) {
    tab.addEventListener('click', () => choose(tab))
    tab.addEventListener('keydown', event => press(tab, event))
  }
  show()
}

function show() {
  for (const list of all('.tabs')) {
    const tabs = all('[role=tab]', list)
    const chosen = tabs.find(tab => tab.dataset.lang === root.dataset.lang) || tabs[0]
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', tab === chosen)
      tab.tabIndex = tab === chosen ? 0 : -1
      for (const id of tab.getAttribute('aria-controls').split(' ')) {
        const pane = document.getElementById(id)
        pane?.setAttribute('role', 'tabpanel')
        pane?.setAttribute('aria-labelledby', tab.id)
      }
    }
  }
}

function choose(tab) {
  const before = tab.getBoundingClientRect().top
  root.dataset.lang = tab.dataset.lang
  keep('lang', tab.dataset.lang)
  show()
  scrollBy(0, tab.getBoundingClientRect().top - before) // code above may have grown or shrunk
  tab.focus({ preventScroll: true })
}

function press(tab, event) {
  const tabs = all('[role=tab]', tab.parentNode), at = tabs.indexOf(tab)
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  choose(tabs[(to + tabs.length) % tabs.length])
}
