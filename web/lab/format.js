// Numbers, durations and moments as text, and the round moments of an axis.
import { durations } from './data.js'

const english = new Intl.NumberFormat('en')
export const number = n => english.format(n)

// inSentence is the name of a server within a sentence, as catalogue.Name has it: "select in Python".
export const inSentence = name => name.replace(' · Go', '').replace(' · ', ' in ')

export const plural = (n, one, many = one + 's') => number(n) + ' ' + (n === 1 ? one : many)

// duration formats ns as lab/words does: "8.2 µs", "41 ms", "12.3 s". A number below 10 has a decimal, and one in the
// largest unit.
export function duration(ns) {
  if (ns === 0) return '0 ms'
  const at = durations.findIndex(({ size }) => ns >= 0.9995 * size), last = durations.length - 1
  const { word, size } = durations.at(at), n = ns / size
  return n.toFixed(at >= 0 && at < last && (at === 0 || n < 9.95) ? 1 : 0) + ' ' + word
}

// moment formats a time since the beginning, so precisely that neighbouring events differ in a view of the given span,
// and in the unit of the view's axis.
export function moment(ns, span = 1e9) {
  if (span >= 5e8) return (ns / 1e9).toFixed(span < 2e9 ? 3 : 2) + ' s'
  if (span < 2e6) return (ns / 1e6).toFixed(3) + ' ms'
  return (ns / 1e6).toFixed(span < 2e8 ? 1 : 0) + ' ms'
}

// stepOf is the distance of the marks of an axis, in ns, as lab/words has it.
export function stepOf(span, most) {
  const least = span / most, power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5].find(n => n * power >= least) ?? 10) * power
}

// ticksIn are round moments in the view, so far apart that their labels have room.
export function ticksIn(view, width) {
  const step = stepOf(view.span, Math.max(2, width / 76)), ticks = []
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) ticks.push(t)
  return ticks
}

// tickLabel names a moment on an axis whose ticks are a step apart, as lab/words does.
export function tickLabel(t, step) {
  if (t === 0) return '0'
  const { word, size } = durations[step >= 1e8 ? 0 : 1]
  const digits = Math.max(0, Math.round(Math.log10(size)) - Math.floor(Math.log10(step) + 1e-9))
  return (t / size).toFixed(digits) + ' ' + word
}
