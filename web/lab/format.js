// Numbers, durations and moments as text, and the round moments of an axis.
import { durations } from './data.js'

export const number = n => Number(n).toLocaleString('en')

export const plural = (n, one, many = one + 's') => number(n) + ' ' + (n === 1 ? one : many)

// duration formats ns as lab/words does: "8.2 µs", "41 ms", "12.3 s". A number below 10 has a decimal, and one in the
// largest unit.
export function duration(ns) {
  if (ns === 0) return '0 ms'
  const at = durations.findIndex(({ size }) => ns >= 0.9995 * size), last = durations.length - 1
  const { word, size } = durations.at(at), n = ns / size
  return n.toFixed(at >= 0 && at < last && (at === 0 || n < 9.95) ? 1 : 0) + ' ' + word
}

// moment formats a time since the beginning, so precisely that neighbouring events differ in a view of the given span.
export function moment(ns, span = 1e9) {
  if (span < 2e6) return (ns / 1e6).toFixed(3) + ' ms'
  if (span < 2e9) return (ns / 1e6).toFixed(span < 2e8 ? 1 : 0) + ' ms'
  return (ns / 1e9).toFixed(2) + ' s'
}

// ticksIn returns round moments in the view, so far apart that their labels have room.
export function ticksIn(view, width) {
  const least = view.span / Math.max(2, width / 76)
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= least)
  const ticks = []
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) ticks.push(t)
  return ticks
}

// tickLabel returns the label of a tick; the ticks are a step apart.
export function tickLabel(t, step) {
  if (t === 0) return '0'
  if (step >= 1e9) return Math.round(t / 1e9) + ' s'
  if (step >= 1e8) return (t / 1e9).toFixed(1) + ' s'
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step) + 1e-9))
  return (t / 1e6).toFixed(digits) + ' ms'
}
