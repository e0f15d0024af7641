// How near a guess came. What a guess must be like, its kind, unit and tolerance, comes from lab/guess.
import { number } from './format.js'

// same is the guess that no server has more than the others.
export const same = 'about the same'

// binOf returns the place of the option that is right for a figure.
const binOf = ({ bins }, figure) => bins.findLastIndex(({ from }) => from <= figure)

const ratio = (a, b) => a === b ? 1 : Math.max(a, b) / Math.min(a, b)

const words = { 1.5: 'one and a half', 2: 'two', 3: 'three', 5: 'five', 10: 'ten' }
export const factor = within => 'a factor of ' + (words[within] || within)

// said returns a guess about one server in words.
export function said({ kind, unit, bins }, guess) {
  return kind === 'number' ? `${number(guess)} ${unit}`.trim() : bins[guess].words
}

// grade returns a grade and a sentence for a guess about one server.
export function grade(guess, value, { value: was }) {
  const { kind, per, within, as } = guess
  if (kind !== 'number') {
    const off = binOf(guess, was) - value
    if (off === 0) return ['right', 'Right.']
    const close = kind === 'range' && Math.abs(off) === 1
    return [close ? 'close' : 'wrong', off > 0 ? 'More than that.' : 'Less than that.']
  }
  const meant = value * per, off = Math.abs(was - meant)
  if (off === 0) return ['right', 'Right.']
  if (within === 1) {
    const more = `${number(off)} ${was > meant ? 'more' : 'fewer'} than you thought.`
    return off <= Math.max(1, was * 0.1) ? ['close', 'Close: ' + more] : ['wrong', more]
  }
  const times = ratio(was, meant)
  if (times <= within || off <= 1) return ['right', `Right, within ${factor(within)}.`]
  if (!Number.isFinite(times)) return ['wrong', was > meant ? 'More than you thought.' : 'Less than you thought.']
  const far = `${number(Number(times.toPrecision(2)))} times as ${as}`
  const close = times <= within ** 2
  return [close ? 'close' : 'wrong', was > meant ? `It is ${far} as you thought.` : `You thought of ${far}.`]
}

// gradeOrder grades the guess of a server that has most or least, by its key, among runs' figures by key.
export function gradeOrder({ least, within }, value, figures) {
  const all = [...figures], sorted = all.toSorted(([, a], [, b]) => a.value - b.value)
  if (!least) sorted.reverse()
  const [first, best] = sorted[0], near = ([, { value }]) => ratio(value, best.value) <= within
  if (all.every(near)) return value === same ? ['right', 'Right.'] : ['close', 'They are about the same.']
  if (value === same) return ['wrong', 'They differ.']
  const one = all.find(([key]) => key === value)
  if (one && near(one)) return ['right', value === first ? 'Right.' : 'Right: level with the first.']
  return ['wrong', 'Another one.']
}
