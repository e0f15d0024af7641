// The search of the book. Its script is loaded when a reader first wants it, and on a page that a result leads to.
import { load } from './load.js'

export function offerSearch() {
  const link = document.querySelector('.find') // to the index, for readers without scripts
  if (!link) return
  let loaded
  const want = () => (loaded ??= load('static/search.js'))
  const open = async event => {
    event.preventDefault()
    try {
      await want()
      dispatchEvent(new Event('era:find'))
    } catch {
      location.href = link.href
    }
  }
  link.role = 'button'
  link.addEventListener('click', open)
  addEventListener('keydown', event => {
    const { key, target } = event, isCommand = event.ctrlKey || event.metaKey
    const isTyping = target.closest?.('input, select, textarea, canvas, [contenteditable]')
    if (isCommand ? key === 'k' : key === ' ' ? target === link : key === '/' && !isTyping) open(event)
  })
  if (location.search.startsWith('?find=')) want()
}
