// Words as the index has them. site/search.go makes them the same way.

// fold returns a text in small letters and without accents.
export const fold = text =>
  text.normalize('NFD').replace(/\p{Mn}/gu, '').toLowerCase().replaceAll('đ', 'd') // đ has no form without its stroke

// wordsIn returns the words of a text. A name with dots is several.
export const wordsIn = text => fold(text).match(/[\p{L}\p{N}_]+/gu) ?? []

// compoundsIn returns the words of a text that have hyphens, without them: non-blocking is found as nonblocking too.
export const compoundsIn = text =>
  (fold(text).match(/\p{L}+(?:-\p{L}+)+/gu) ?? []).map(word => word.replaceAll('-', ''))

// Texts that were looked through: folded and without hyphens, and their words: {from, to, word}, each with its parts.
const known = new Map(), most = 20000

// lookedThrough returns what is known of a text. Its words are found when one that is looked for may be among them.
function lookedThrough(text) {
  if (known.size > most) known.clear()
  if (!known.has(text)) known.set(text, { plain: fold(text).replaceAll('-', '') })
  return known.get(text)
}
function split(text) {
  return Array.from(text.matchAll(/[\p{L}\p{N}\p{M}_]+(?:-[\p{L}\p{N}\p{M}_]+)*/gu), ({ 0: found, index }) => {
    const at = (from, word) => ({ from, to: from + word.length, word: fold(word).replaceAll('-', '') })
    let from = index
    const parts = found.split('-').map(part => {
      const one = at(from, part)
      from = one.to + 1
      return one
    })
    return { ...at(index, found), parts }
  })
}

// hitsIn returns where words stand in a text, in its order: {from, to, word}.
export function hitsIn(text, words) {
  const of = lookedThrough(text), wanted = new Set(words), isHit = ({ word }) => wanted.has(word)
  if (!words.some(word => of.plain.includes(word))) return []
  of.words ??= split(text)
  return of.words.flatMap(word => isHit(word) ? [word] : word.parts.filter(isHit))
}

// stem returns what forms of a word have in common: wait, waits, waited, waiting.
export function stem(word) {
  const end = /(?:ings?|ed|es|s|ly)$/.exec(word)
  if (end && end.index >= 3 && !word.endsWith('ss')) word = word.slice(0, end.index)
  return word.replace(/([bdgmnprt])\1$/, '$1').replace(/(...)e$/, '$1')
}

// Three rows of a table, of which distance needs no more: it is called thousands of times.
let older = new Uint8Array(64), before = new Uint8Array(64), row = new Uint8Array(64)

// distance returns how many letters must be added, left out, replaced or swapped with their neighbours to make one word
// of the other, or more than most as soon as that is certain.
export function distance(a, b, most) {
  if (Math.abs(a.length - b.length) > most || Math.max(a.length, b.length) > 60) return most + 1
  for (let j = 0; j <= b.length; j++) before[j] = j
  for (let i = 1; i <= a.length; i++) {
    row[0] = i
    let least = i
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, older[j - 2] + 1)
      row[j] = cost
      if (cost < least) least = cost
    }
    if (least > most) return most + 1
    const free = older
    older = before
    before = row
    row = free
  }
  return before[b.length]
}
