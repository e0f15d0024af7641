// Runs before the page is drawn, so that the reader's choices of theme and language do not flash.
import { languages } from './lab/data.js'

const root = document.documentElement

function read(key) {
  try {
    return localStorage.getItem('era ' + key)
  } catch {
    return null
  }
}

const theme = read('theme'), lang = read('lang')
root.classList.add('js')
if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
root.dataset.lang = Object.hasOwn(languages, lang) ? lang : 'go'

// Only the page of a single experiment may be part of another page. Hosts that send headers see to that; for the
// others, page.js leaves nothing of a page in a frame but a link.
root.hidden = self !== top && !('alone' in root.dataset)
