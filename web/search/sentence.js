// The sentence around a hit.
import { hitsIn } from './words.js'

// rank says how well a text shows words: it has many of them, and those that were asked for together stand together.
export function rank(text, words) {
  const hits = hitsIn(text, words)
  let score = 10 * new Set(hits.map(hit => hit.word)).size + Math.min(hits.length, 5) / 10
  for (let i = 1; i < hits.length; i++) {
    const [a, b] = [hits[i - 1], hits[i]]
    if (b.from - a.to < 2 && words.indexOf(a.word) + 1 === words.indexOf(b.word)) score += 5
  }
  return score
}

// pick returns the index of the first of the texts that show the words best, -1 if none has any of them.
export function pick(texts, words) {
  let best = -1, most = 0
  texts.forEach((text, i) => {
    const score = rank(text, words)
    if (score > most) [best, most] = [i, score]
  })
  return best
}

const longest = 150 // characters

// sentence cuts out the sentence, or the line of a listing, that shows the words best: {text, hits}.
export function sentence(text, words) {
  const all = text.split(/\n|(?<=[.!?][”’)]?)\s+(?=\P{Ll})/u), chosen = all[Math.max(0, pick(all, words))].trim()
  const [first] = hitsIn(chosen, words)
  let from = 0
  if (first && first.to > longest * 0.8) from = chosen.lastIndexOf(' ', first.from - longest / 3) + 1
  let part = chosen.slice(from)
  if (part.length > longest) part = part.slice(0, part.lastIndexOf(' ', longest)) + ' …'
  if (from > 0) part = '… ' + part
  return { text: part, hits: hitsIn(part, words) }
}
