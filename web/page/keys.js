// Keys that the whole page takes. A reader who does not want them switches them off on the page of contents.
import { kept } from './dom.js'

const takesText = 'input, select, textarea, canvas, [contenteditable]'

// onKey calls act for a key, in lower case, that is pressed by itself and that nothing else on the page takes. Arrow
// keys mean something to much that can have the focus: with alone, nothing may have it.
export function onKey(key, act, alone = false) {
  addEventListener('keydown', event => {
    if (event.key.toLowerCase() !== key || event.defaultPrevented) return
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.shiftKey && key !== '/') return // which some keyboards have above a digit
    if (alone ? event.target !== document.body : event.target.closest(takesText)) return
    if (kept('keys') !== 'off') act(event)
  })
}
