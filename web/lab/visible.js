// visible escapes the characters that act on a page instead of being shown, control characters and marks that reverse
// the direction of text, in all texts of a value that came over the wire. lab/visible does it for terminals.
const acts = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const escapes = /\\[ubfr]/ // how JSON may write them

// visibleJSON returns the value of a JSON text. Most hold no such character, and their many marks are not looked at.
export function visibleJSON(text) {
  const value = JSON.parse(text)
  return escapes.test(text) || text.search(acts) >= 0 ? visible(value) : value
}

export function visible(what) {
  if (typeof what === 'string') return what.replace(acts, c => '\\u' + c.charCodeAt().toString(16).padStart(4, '0'))
  if (Array.isArray(what)) return what.map(visible)
  if (what && typeof what === 'object') {
    return Object.fromEntries(Object.entries(what).map(pair => pair.map(visible)))
  }
  return what
}
