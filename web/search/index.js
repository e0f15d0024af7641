// The index of the book, as site/search.go packs it, and how places are ranked. It needs no page.
import { compoundsIn, distance, stem, wordsIn } from './words.js'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Map([...digits].map((digit, value) => [digit, value]))

// What a name is worth, by the kind of its place. A word of the text is worth 1 to 4.
const worth = { c: 9, s: 8, t: 10, e: 9, v: 7, x: 7, w: 6, n: 8, d: 5 }

// withText are the kinds of places that have text of their own. The others are parts of the one before them.
export const withText = 'cstev'

// letters is the set of a word's letters, as bits. Two words that are near have nearly the same.
function letters(word) {
  let set = 0
  for (let i = 0; i < word.length; i++) set |= 1 << (word.charCodeAt(i) & 31)
  return set
}
function bits(set) {
  let n = 0
  for (; set; set &= set - 1) n++
  return n
}

// Index knows all words and names of the book.
export class Index {
  constructor({ quiet, pages, words, hits, code }) {
    this.quiet = new Set(quiet.split(' '))
    this.pages = pages
    this.units = []
    this.texts = [] // the units that have text, in the order in which hits count them
    this.words = new Map() // by word: {body, names}
    this.readUnits(pages)
    this.readCode(code)
    this.readHits(words, hits)
    this.nameUnits()
    this.sorted = [...this.words.keys()].sort()
    this.masks = this.sorted.map(letters)
    this.stems = new Map()
    for (const word of this.sorted) {
      const root = stem(word), all = this.stems.get(root)
      if (all) all.push(word)
      else this.stems.set(root, [word])
    }
  }
  readUnits(pages) {
    pages.forEach((page, at) => {
      let texts = 0
      for (const [place, title, ...aliases] of page.units) {
        const kind = place[0], hasText = withText.includes(kind)
        const names = [title, ...aliases], order = this.units.length
        const unit = { page: at, kind, anchor: place.slice(1), names, order }
        if (hasText) {
          this.texts.push(unit)
          texts++
        }
        unit.text = texts - 1 // which text of the page is its own, or has it
        this.units.push(unit)
      }
    })
  }
  readCode(code) {
    for (const { page, names } of code) {
      for (const [, name, line] of names.matchAll(/(\S+) (\d+)/g)) {
        const order = this.units.length
        this.units.push({ page: this.pages.length, kind: 'd', anchor: `${page}#L${line}`, names: [name], order })
      }
    }
  }
  readHits(words, hits) {
    let word = '', at = 0
    const next = () => {
      for (let n = 0, shift = 0; ; shift += 5) {
        const digit = values.get(hits[at++])
        n |= (digit & 31) << shift
        if (digit < 32) return n
      }
    }
    for (const [, shared, rest] of words.matchAll(/([A-Z])([^A-Z]*)/g)) {
      word = word.slice(0, values.get(shared)) + rest
      const body = []
      let unit = -1
      for (let n = next(); n; n = next()) {
        unit += n >> 1
        body.push({ unit: this.texts[unit], isFrequent: n % 2 === 1 })
      }
      this.words.set(word, { body, names: [] })
    }
  }
  nameUnits() {
    for (const unit of this.units) {
      unit.said = [] // its names in words
      for (const name of unit.names) {
        const all = wordsIn(name), words = new Set(all)
        unit.said.push(all.join(' '))
        const loud = [...words].filter(word => !this.quiet.has(word)).length
        const share = 2 / (words.size + loud) // a quiet word counts half
        for (const word of new Set([...words, ...compoundsIn(name)])) {
          if (!this.words.has(word)) this.words.set(word, { body: [], names: [] })
          this.words.get(word).names.push({ unit, share: this.quiet.has(word) && loud ? 0 : share })
        }
      }
    }
  }

  // find returns the places of what a reader types, the best first: {unit, words, score}. words are those of the book
  // that stand for the reader's, and instead says which of them are others: [['corutine', 'coroutine']].
  find(query) {
    const asked = wordsIn(query).slice(0, 12), terms = asked.flatMap(word => this.term(word))
    const isLoud = ({ word }) => word.length > 1 && !this.quiet.has(word)
    const needed = terms.some(isLoud) ? terms.filter(isLoud).length : terms.length
    const found = new Map()
    for (const term of terms) {
      const counts = isLoud(term) || !terms.some(isLoud)
      for (const [unit, [score, word]] of this.best(term)) {
        let place = found.get(unit)
        if (!place) found.set(unit, place = { unit, words: [], score: 0, matched: 0 })
        place.score += counts ? score : score / 5
        if (!counts) continue
        place.words.push(word)
        place.matched++
      }
    }
    const places = [...found.values()], most = Math.max(0, ...places.map(place => place.matched))
    const good = places.filter(place => most > 0 && place.matched === most)
    for (const place of good) place.score += this.bonus(place, asked)
    good.sort((a, b) => b.score - a.score || a.unit.order - b.unit.order)
    const used = ({ forms }) => forms.find(([form]) => good[0]?.words.includes(form))?.[0]
    const instead = terms.filter(term => term.isOther && used(term)).map(term => [term.word, used(term)])
    return { places: good, instead, isWhole: most === needed }
  }
  // term returns a word of the reader with those of the book that may be meant, and how well they fit: forms.
  term(word) {
    const forms = new Map(), add = (form, fit) => { if (!(forms.get(form) >= fit)) forms.set(form, fit) }
    const isKnown = this.words.has(word)
    if (isKnown) add(word, 1)
    for (const form of this.stems.get(stem(word)) ?? []) add(form, 0.9)
    if (word.length > 1) {
      let i = this.first(word)
      for (const most = i + 60; i < most && this.sorted[i]?.startsWith(word); i++) {
        add(this.sorted[i], 0.5 + 0.3 * word.length / this.sorted[i].length)
      }
    }
    const hadNone = forms.size === 0
    if (!isKnown && word.length > 3) {
      let most = hadNone && word.length > 6 ? 2 : 1
      const near = []
      const mask = letters(word)
      for (let i = 0; i < this.sorted.length; i++) {
        if (bits(mask ^ this.masks[i]) > 2 * most) continue
        const form = this.sorted[i], away = distance(word, form, most)
        if (away > most) continue
        if (away < most && hadNone) near.length = 0
        most = Math.max(1, Math.min(most, away))
        near.push([form, away])
      }
      for (const [form, away] of near) add(form, (hadNone ? 0.7 : 0.4) - 0.15 * away - (form[0] === word[0] ? 0 : 0.1))
    }
    if (forms.size === 0) {
      for (let i = word.length - 2; i > 1; i--) { // eventloop
        if (this.words.has(word.slice(0, i)) && this.words.has(word.slice(i))) {
          return [this.term(word.slice(0, i)), this.term(word.slice(i))].flat()
        }
      }
    }
    const sorted = [...forms].sort((a, b) => b[1] - a[1])
    return [{ word, forms: sorted, isOther: hadNone && sorted.length > 0 }]
  }
  // first returns where the words begin that are not before a word.
  first(word) {
    let low = 0, high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.sorted[middle] < word) low = middle + 1
      else high = middle
    }
    return low
  }
  // best returns, for each unit that has a form of a term, the score and the form that fits best.
  best({ forms }) {
    const all = new Map()
    const add = (unit, score, form) => { if (!(all.get(unit)?.[0] >= score)) all.set(unit, [score, form]) }
    const whole = Math.log(this.texts.length + 1), bodies = forms.map(([form]) => this.words.get(form).body.length)
    const rarity = 1 - Math.log(Math.max(0, ...bodies) + 1) / whole
    for (const [form, fit] of forms) {
      const { body, names } = this.words.get(form)
      for (const { unit, isFrequent } of body) add(unit, fit * (1 + 2 * rarity) * (isFrequent ? 1.3 : 1), form)
      for (const { unit, share } of names) {
        if (share) add(unit, fit * worth[unit.kind] * (0.5 + 0.5 * share), form)
        else add(unit, fit, form)
      }
    }
    return all
  }
  // bonus is for a name that is what was asked for, or has it in one piece.
  bonus({ unit }, asked) {
    const query = asked.join(' ')
    let best = 0
    unit.said.forEach((words, i) => {
      if (words === query) best = Math.max(best, i === 0 ? 10 : 7)
      else if (asked.length > 1 && ` ${words} `.includes(` ${query} `)) best = Math.max(best, 4)
    })
    return best
  }
}
