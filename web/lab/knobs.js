// What a bench has been set to: in words, and what makes no sense. The bounds come from lab/scenario.
import { number } from './format.js'

// isSwitch reports whether the knob is only on or off.
export const isSwitch = ({ min, max }) => min === 0 && max === 1

// unitOf returns the unit in which a knob is shown, and how much of its value makes one.
export function unitOf({ unit, step }) {
  return unit === 'bytes' && step % 1024 === 0 ? ['KiB', 1024] : [unit, 1]
}

const of = (value, unit) => `${number(value)} ${unit}`.trim()

function amount(value, unit) {
  for (const [word, size] of { ms: [['s', 1000]], bytes: [['MiB', 1 << 20], ['KiB', 1024]] }[unit] ?? []) {
    if (value >= size) return of(value / size, word)
  }
  return of(value, unit)
}

// inWords returns a knob's value for a sentence: "20 fast clients", "the slow one pauses 2 s"; '' if there is nothing
// to say.
export function inWords(knob, value) {
  const { label, says, unit } = knob
  if (isSwitch(knob)) return value ? label : ''
  if (says) return says.replace('%s', amount(value, unit))
  return value === 1 ? `${label}: 1` : `${number(value)} ${label}`
}

// changeInWords says how a knob differs from another value: "the slow one pauses 300 ms instead of 2 s".
export function changeInWords(knob, value, from) {
  if (isSwitch(knob)) return `${value ? 'with' : 'without'} ${knob.label}`
  return `${inWords(knob, value)} instead of ${knob.says ? amount(from, knob.unit) : number(from)}`
}

const sum = ({ terms }, values) =>
  terms.reduce((all, term) => all + (term.of ?? []).reduce((product, name) => product * values[name], term.times), 0)

const holds = (limit, values, servers) => sum(limit, values) * (limit.each_server ? servers : 1) <= limit.most

const capital = text => text[0].toUpperCase() + text.slice(1)

// wrongs returns a sentence for each knob whose value makes no sense, by the knob's name. Of several knobs that make
// too much together, the one that was changed last gets the sentence.
export function wrongs({ knobs, limits }, values, servers, last) {
  const all = new Map()
  for (const knob of knobs) {
    const { name, label, min, max } = knob, [unit, per] = unitOf(knob)
    const whole = Number.isInteger(values[name])
    if (whole && values[name] >= min && values[name] <= max) continue
    const range = `from ${number(min / per)} to ${of(max / per, unit)}`
    all.set(name, `${capital(label)}: ${whole ? '' : 'a whole number '}${range}.`)
  }
  if (all.size) return all
  for (const limit of limits) {
    if (holds(limit, values, servers)) continue
    const within = knobs.filter(({ name }) => limit.terms.some(term => term.of?.includes(name)))
    const knob = within.find(({ name }) => name === last) ?? within[0], [unit, per] = unitOf(knob)
    let low = knob.min - 1, high = knob.max // the greatest value that holds is at low in the end
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (holds(limit, { ...values, [knob.name]: middle }, servers)) low = middle
      else high = middle
    }
    const most = low < knob.min ? 'too many in any case' : 'at most ' + of(Math.floor(low / per), unit)
    const beside = servers > 1 && limit.each_server ? `with ${servers} servers` : 'with the other settings as they are'
    all.set(knob.name, `${capital(knob.label)}: ${most} ${beside}. ${limit.because}`)
  }
  return all
}
