// What the reader has done: kept in the browser's own storage, and sent nowhere. It is a set of short entries, such as
// read/select#ready-is-not-a-promise, guessed/one-slow, ran/one-slow and answered/select#quiz-1, and the place where to
// go on. What the browser kept may be damaged, and a file that is imported may hold anything: only what looks like
// progress counts.
import { say } from './words.js'

const key = 'era.progress', version = 1
const most = 2000 // entries; the book has some hundreds of places
const kinds = ['read', 'guessed', 'watched', 'ran', 'answered', 'passed']
const entry = new RegExp(`^(${kinds.join('|')})/[\\p{L}\\p{M}\\p{Nd}_:#-]{1,160}$`, 'u')
const name = /^[\p{L}\p{M}\p{Nd}_:-]{0,160}$/u
const isText = (value, pattern) => typeof value === 'string' && pattern.test(value)

// sound returns what is progress in a value that may be anything.
export function sound(value) {
  const { done, at } = value?.version === version ? value : {}
  const all = Array.isArray(done) ? done.slice(-most).filter(one => isText(one, entry)) : []
  const isPlace = at?.chapter && isText(at.chapter, name) && isText(at.section, name) && Number.isFinite(at.time)
  return {
    version, done: [...new Set(all)],
    at: isPlace ? { chapter: at.chapter, section: at.section, time: at.time } : null,
  }
}

// merged returns two readers' progress as that of one, who goes on where the later of them was.
export const merged = (a, b) => sound({
  version, done: [...b.done, ...a.done], at: (b.at?.time ?? -1) > (a.at?.time ?? -1) ? b.at : a.at,
})

let unkept = null // progress while the browser refuses to keep it

// progress returns what has been done: {version, done, at}.
export function progress() {
  if (unkept) return unkept
  try {
    return sound(JSON.parse(localStorage.getItem(key)))
  } catch {
    return sound(null)
  }
}

// keep replaces the progress, and tells the page.
export function keep(value) {
  try {
    localStorage.setItem(key, JSON.stringify(value))
    unkept = null
  } catch {
    unkept = value
  }
  dispatchEvent(new Event('era:progress'))
}

// record adds an entry: did.js lets other scripts do so.
export function record(one) {
  const now = progress()
  if (entry.test(one) && !now.done.includes(one)) keep(sound({ ...now, done: [...now.done, one] }))
}
export const read = (chapter, section) => record(`read/${chapter}#${section}`)

// goOnAt keeps the place where the reader goes on the next time.
export function goOnAt(chapter, section) {
  const now = progress()
  if (now.at?.chapter === chapter && now.at.section === section) return
  keep(sound({ ...now, at: { chapter, section, time: Date.now() } }))
}

// state returns what of the links, to the sections, experiments and questions of a chapter or of several, was done:
// how many there are of each and how many are done.
export function state(links) {
  const done = new Set(progress().done)
  const sum = { sections: [0, 0], experiments: [0, 0], questions: [0, 0] }
  for (const link of links) {
    const [kind, entries] = meant(link), count = sum[kind]
    count[1]++
    if (entries.some(one => done.has(one))) count[0]++
  }
  return sum
}

// meant returns what a link leads to, a section, an experiment or a question, and the entries for what is done there.
export function meant({ pathname, hash }) {
  const chapter = /([^/]*?)(\.html)?$/.exec(pathname)[1], id = decodeURIComponent(hash.slice(1))
  const lab = /^lab-(.*)$/.exec(id)?.[1]
  if (lab) return ['experiments', ['guessed', 'watched', 'ran'].map(kind => `${kind}/${lab}`)]
  const place = chapter + '#' + id
  return id.startsWith('quiz-') ? ['questions', ['answered/' + place]] : ['sections', ['read/' + place]]
}

const words = {
  read: say('read'), guessed: say('guessed'), watched: say('watched'), ran: say('run'), answered: say('answered'),
}

// mark adds to each of the links what was done there: a sign, with words for it; undone are words for nothing.
export function mark(links, undone = '') {
  const done = new Set(progress().done)
  for (const link of links) {
    const did = meant(link)[1].filter(one => done.has(one)).map(one => words[one.split('/')[0]]).join(', ')
    link.querySelector('.did')?.remove()
    if (!did && !undone) continue
    const tag = document.createElement('span'), word = document.createElement('span')
    tag.className = did ? 'did' : 'did not-yet'
    word.textContent = ' ' + (did || undone)
    tag.append(did ? ' ✓' : ' ○', word)
    link.append(tag)
  }
}

// onProgress calls act now, and whenever there is more, or less, in this tab or another.
export function onProgress(act) {
  addEventListener('era:progress', act)
  addEventListener('storage', event => { if (event.key === key || event.key === null) act() })
  act()
}
