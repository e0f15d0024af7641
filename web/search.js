// The search, which page/search.js loads when a reader first wants it. A page that a result leads to has the words in
// its address: ?find=WORDS#ANCHOR.
import { el } from './lab/dom.js'
import { Search } from './search/dialog.js'
import { darken, land } from './search/land.js'
import { top } from './search/load.js'

// styled is a promise that the style sheet has come, or that it will not.
const sheet = el('link', { rel: 'stylesheet', href: new URL('static/search.css', top) })
const styled = new Promise(resolve => {
  for (const over of ['load', 'error']) sheet.addEventListener(over, resolve)
})
document.head.append(sheet)

let search
addEventListener('era:find', async () => {
  await styled
  search ??= new Search()
  search.open()
})
addEventListener('keydown', event => {
  if (event.key === 'Escape' && !search?.window.open) darken()
})

const words = new URLSearchParams(location.search).get('find')
if (words) {
  const arrive = () => {
    land(decodeURIComponent(location.hash.slice(1)), words.split(' ').slice(0, 12))
    try {
      history.replaceState(history.state, '', location.pathname + location.hash) // the address of the place
    } catch { /* a browser that does not allow it from disk */ }
  }
  if (document.readyState === 'complete') arrive()
  else addEventListener('load', arrive)
}
