// Progress through the book is noted by a script of its own, which a reader who only looks at a page does not need.
import { load } from './load.js'

// noteReading loads it for a reader who begins to read or to do something, or has done so before, and then passes on
// what was done (did.js).
export function noteReading() {
  let loaded
  const note = async ({ type, detail }) => {
    await (loaded ??= load('static/reading.js').catch(() => {})) // then nothing is noted
    if (type === 'era:did') dispatchEvent(new CustomEvent('era:note', { detail }))
  }
  addEventListener('scroll', note, { once: true, passive: true })
  addEventListener('era:did', note)
  try {
    if (localStorage.getItem('era.progress')) note({})
  } catch { /* nothing was kept */ }
}
