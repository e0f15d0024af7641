// The search, which page/search.js loads when a reader first wants it. A page that a result leads to has the words in its
// address: ?find=WORDS#ANCHOR.
import { darken, land, Search } from './search/dialog.js'
import { top } from './search/load.js'

const style = document.createElement('link')
style.rel = 'stylesheet'
style.href = new URL('static/search.css', top).href
document.head.append(style)

let search
addEventListener('era:find', () => {
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
