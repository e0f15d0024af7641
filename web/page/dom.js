// Helpers that several parts of a page share.

export const all = (selector, within = document) => [...within.querySelectorAll(selector)]

// keep stores a choice for all pages. Some browsers refuse that; then it is lost.
export function keep(key, value) {
  try {
    localStorage.setItem('era ' + key, value)
  } catch { /* forgotten */ }
}

// kept returns a choice that was stored, or null.
export function kept(key) {
  try {
    return localStorage.getItem('era ' + key)
  } catch {
    return null
  }
}

// onScroll calls act at most once a frame while the page is scrolled.
export function onScroll(act) {
  let waiting = false
  addEventListener('scroll', () => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      act()
    })
  }, { passive: true })
}
