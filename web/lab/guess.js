// The guess of a bench: the question before the result, what was guessed, and how near it came.
import { did } from '../page/did.js'
import { el, textButton } from './dom.js'
import { factor, grade, gradeOrder, said, same } from './grade.js'
import { kept } from './store.js'

const keyOf = bench => 'guess ' + bench.name

// remember keeps what was guessed, by server, {} for nothing.
export function remember(bench, guesses) {
  kept.set(keyOf(bench), { at: Date.now(), asked: JSON.stringify(bench.guess), guesses })
  if (Object.keys(guesses).length) did('guessed', bench.name)
}

// recall returns what was guessed before, {at, guesses}, or null. A question that has changed since is asked anew.
export function recall(bench) {
  const past = kept.get(keyOf(bench))
  return past?.asked === JSON.stringify(bench.guess) && past.guesses ? past : null
}

// guessed reports whether the value is a guess of the kind; what the browser kept may be anything.
const guessed = ({ kind, bins }, value) => kind === 'order'
  ? typeof value === 'string'
  : Number.isFinite(value) && (kind === 'number' || value in bins)

const dayOf = at => new Date(at).toLocaleDateString('en-GB', {
  day: 'numeric', month: 'long', ...new Date(at).getFullYear() !== new Date().getFullYear() && { year: 'numeric' },
})

// pastGuess returns what says that the question was answered, and how, and offers to guess again.
export function pastGuess(bench, nameOf, again) {
  const { guess } = bench, past = recall(bench)
  const all = Object.entries(past?.guesses ?? {}).filter(([, value]) => guessed(guess, value)).map(([key, value]) =>
    guess.kind === 'order' ? nameOf(value) : `${nameOf(key)}: ${said(guess, value)}`)
  const words = all.length
    ? `You guessed on ${dayOf(past.at)}: ${all.join('; ')}. `
    : 'You saw the result without a guess. '
  return [el('p', { class: 'lab-ask' }, bench.question),
    el('p', {}, words, textButton(all.length ? 'Guess again' : 'Guess now', again))]
}

// guessForm asks the bench's question about servers, by key. It calls commit with the guesses, {} for none.
export function guessForm(bench, servers, nameOf, commit) {
  const { guess, question, name: lab } = bench
  const nameFor = (text, unit) => unit ? [text, el('span', { class: 'lab-unit' }, ', ' + unit)] : [text]
  const field = (key, i) => {
    const id = `guess-${lab}-${i}`
    return el('span', { class: 'lab-knob' },
      el('label', { htmlFor: id }, ...nameFor(nameOf(key), guess.unit)),
      el('input', {
        type: 'number', id, class: 'lab-number', name: key, min: 0, step: 'any', required: true, inputMode: 'decimal',
      }))
  }
  const choice = (name, legend, options) => el('fieldset',
    { class: 'lab-choice', 'aria-label': legend ? undefined : 'Your guess' }, legend && el('legend', {}, legend),
    ...options.map(([value, words]) =>
      el('label', {}, el('input', { type: 'radio', name, value, required: true }), words)))
  let fields
  if (guess.kind === 'order') {
    fields = [choice('all', null, [...servers, same].map(key => [key, nameOf(key)]))]
  } else if (guess.kind === 'number') {
    fields = servers.map(field)
  } else {
    fields = servers.map(key => choice(key, nameOf(key), guess.bins.map(({ words }, i) => [i, words])))
  }
  const submit = event => {
    event.preventDefault()
    commit(Object.fromEntries([...new FormData(event.target)].map(([key, value]) =>
      [key, guess.kind === 'order' ? value : Number(value)])))
  }
  return el('form', { onsubmit: submit },
    el('p', { class: 'lab-ask' }, el('b', {}, 'Your guess first. '), question),
    el('div', { class: 'lab-fields' }, ...fields),
    guess.within > 1 ? el('p', { class: 'lab-tolerance' },
      `Within ${factor(guess.within)} is ${guess.kind === 'order' ? same : 'right'}.`) : null,
    el('div', { class: 'lab-row' }, el('button', { type: 'submit', class: 'lab-run' }, 'That is my guess'),
      textButton('Just show me', () => commit({}))))
}

// gradeList compares what was guessed with what was measured in a run; null if there is nothing to compare. A reader
// who did not guess still wants the answer.
export function gradeList(bench, { tracks, measured }) {
  const { guess } = bench
  if (!guess || !measured) return null
  const guesses = recall(bench)?.guesses ?? {}, items = []
  const figures = new Map(tracks.map(({ key }, i) => [key, measured[i]]).filter(([, figure]) => figure))
  const nameOf = key => tracks.find(track => track.key === key)?.name ?? key
  const item = (mark, ...children) => items.push(el('li', mark ? { class: 'lab-' + mark } : {}, ...children))
  const isOrder = guess.kind === 'order' && figures.size > 1
  if (isOrder && guessed(guess, guesses.all) && (guesses.all === same || figures.has(guesses.all))) {
    const [mark, words] = gradeOrder(guess, guesses.all, figures)
    item(mark, 'You said: ', el('b', {}, nameOf(guesses.all)), '. ', words)
  }
  for (const [key, figure] of figures) {
    const name = el('b', {}, nameOf(key)), value = guesses[key]
    if (isOrder || !guessed(guess, value)) {
      item('', name, `: ${figure.words}.`)
      continue
    }
    const [mark, words] = grade(guess, value, figure)
    item(mark, name, `: you said ${said(guess, value)}, it was ${figure.words}. ${words}`)
  }
  return items.length ? el('ul', { class: 'lab-grades', 'aria-label': 'What was asked' }, ...items) : null
}
