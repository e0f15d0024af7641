// Narrows the directory down: by a word, by kind, by how callers wait, by state. Without scripts all of it is visible.
import { all } from './page/dom.js'

const sections = all('.directory')
const entries = sections.flatMap(section => all('.entry', section))
const texts = new Map(entries.map(entry => [entry, entry.textContent.toLowerCase()]))
const form = document.createElement('form'), status = document.createElement('p')
form.className = 'narrow'
form.setAttribute('role', 'search')
form.setAttribute('aria-label', 'Narrow the directory down')
status.setAttribute('role', 'status')

const labelled = (text, field) => {
  const label = document.createElement('label')
  label.append(text, field)
  form.append(label)
  return field
}
const choice = (text, options) => {
  const select = document.createElement('select')
  select.append(new Option('all', ''), ...options.map(([value, name]) => new Option(name, value)))
  return labelled(text, select)
}
const kindOf = section => section.getAttribute('aria-labelledby')
const kinds = sections.map(section =>
  [kindOf(section), section.querySelector('h2').firstChild.textContent.trim()])

const word = labelled('A word', Object.assign(document.createElement('input'), { type: 'search', size: 14 }))
const kind = choice('Kind', kinds)
const way = choice('Its callers are', tags(entries, 'way'))
const state = choice('State', tags(entries, 'state'))
const reset = Object.assign(document.createElement('button'), { type: 'reset', textContent: 'Show all', hidden: true })
form.append(status, reset)

const fits = (entry, section) => texts.get(entry).includes(word.value.trim().toLowerCase()) &&
  (!kind.value || kind.value === kindOf(section)) &&
  (!way.value || way.value === entry.dataset.way) &&
  (!state.value || state.value === entry.dataset.state)
const show = () => {
  let shown = 0
  for (const section of sections) {
    const own = all('.entry', section)
    for (const entry of own) entry.hidden = !fits(entry, section)
    const here = own.filter(entry => !entry.hidden).length
    section.hidden = here === 0
    shown += here
  }
  reset.hidden = shown === entries.length
  status.textContent = reset.hidden ? `${shown} entries` : `${shown} of ${entries.length} entries`
}
form.addEventListener('input', show)
form.addEventListener('reset', () => setTimeout(() => { // the fields are empty only then
  show()
  word.focus()
}))
form.addEventListener('submit', event => event.preventDefault())
// A reader who follows a link to an entry wants to see it.
addEventListener('hashchange', () => {
  const target = document.getElementById(location.hash.slice(1))
  if (!target?.closest('.directory') || !target.closest('[hidden]')) return
  for (const field of [word, kind, way, state]) field.value = ''
  show()
  target.scrollIntoView()
})
sections[0].before(form)
show()

// tags are the values that entries have of one kind, with the words that stand for them.
function tags(entries, kind) {
  const words = new Map()
  for (const entry of entries) {
    const value = entry.dataset[kind]
    if (value) words.set(value, entry.querySelector(`.${kind}-${value}`)?.textContent)
  }
  return [...words]
}
