// Numbers, durations and moments as text, and the round moments of an axis.

export const number = n => Number(n).toLocaleString('en')

export const plural = (n, one, many = one + 's') => number(n) + ' ' + (n === 1 ? one : many)

// duration writes ns with two or three figures: "8 µs", "1.2 ms", "41 ms", "2.0 s".
export function duration(ns) {
  for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]]) {
    const n = ns / size
    if (n >= (unit === 's' ? 0.9995 : 0.995)) return (n < 9.95 ? n.toFixed(1) : Math.round(n)) + ' ' + unit
  }
  return Math.round(ns) + ' ns'
}

// moment writes a time since the beginning so that neighbouring events differ when a view of the given span is shown.
export function moment(ns, span = 1e9) {
  if (span < 2e6) return (ns / 1e6).toFixed(3) + ' ms'
  if (span < 2e9) return (ns / 1e6).toFixed(span < 2e8 ? 1 : 0) + ' ms'
  return (ns / 1e9).toFixed(2) + ' s'
}

// ticksIn are round moments in the view, so far apart that their labels have room.
export function ticksIn(view, width) {
  const least = view.span / Math.max(2, width / 76)
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= least)
  const ticks = []
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) ticks.push(t)
  return ticks
}

// tickLabel names a moment on an axis whose ticks are a step apart.
export function tickLabel(t, step) {
  if (t === 0) return '0'
  if (step >= 1e9) return Math.round(t / 1e9) + ' s'
  if (step >= 1e8) return (t / 1e9).toFixed(1) + ' s'
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step) + 1e-9))
  return (t / 1e6).toFixed(digits) + ' ms'
}

// amount reads the value of a knob: 20, "20", "250ms" or "2s"; durations in ms.
export function amount(text) {
  const [, n, unit] = /^\s*([\d.]+)\s*(ms|s)?/.exec(String(text)) || [, NaN]
  return Number(n) * (unit === 's' ? 1000 : 1)
}
