// The search of the book. Its script is loaded when a reader first wants it, and on a page that a result leads to.
import { onKey } from './keys.js'
import { load } from './load.js'

// offerSearch makes a button of the link to the index, which readers without scripts have.
export function offerSearch() {
  const link = document.querySelector('.find')
  if (!link) return
  let loaded
  const want = () => (loaded ??= load('static/search.js'))
  const open = async event => {
    event.preventDefault()
    try {
      await want()
      dispatchEvent(new Event('era:find'))
    } catch {
      location.assign(link.href)
    }
  }
  link.setAttribute('role', 'button')
  link.setAttribute('aria-keyshortcuts', '/ Control+K')
  link.addEventListener('click', event => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event)
  })
  addEventListener('keydown', event => {
    const isCommand = event.ctrlKey || event.metaKey
    if (isCommand && event.key === 'k' || event.key === ' ' && event.target === link) open(event)
  })
  onKey('/', open)
  if (location.search.startsWith('?find=')) want().catch(() => {})
}
