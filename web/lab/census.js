// How many clients are in which state at a moment: counted from the moments at which states begin and end, since there
// may be ten thousand clients and the moment moves with each frame.
import { states } from './data.js'
import { M } from './model.js'

// clientsAt returns [state, number] of the clients of a track at t, in the order of the legend.
export function clientsAt(track, t) {
  track.census ??= new Census(track)
  const counts = track.census.at(t)
  return Object.keys(states).map(state => [state, counts.get(state)]).filter(([, n]) => n > 0)
}

// upTo returns how many of the sorted numbers are t or less.
function upTo(numbers, t) {
  let low = 0, high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle] <= t) low = middle + 1
    else high = middle
  }
  return low
}

class Census {
  constructor(track) { Object.assign(this, { track, finished: new Map(), counted: -1 }) }

  at(t) {
    const counts = new Map(), add = (state, n) => counts.set(state, (counts.get(state) || 0) + n)
    for (const m of this.goingOn()) {
      if (m[M.AT] <= t && (m.open || t < m[M.AT] + m[M.TOOK])) add(m[M.STATE], 1)
    }
    if (t >= this.track.last) return counts
    for (const [state, { begun, ended }] of this.sorted()) add(state, upTo(begun, t) - upTo(ended, t))
    return counts
  }
  // goingOn returns what goes on, as of the last batch.
  goingOn() {
    const { edition, lanes } = this.track
    if (this.edition === edition) return this.open
    this.edition = edition
    this.open = []
    for (const lane of lanes) {
      if (lane?.kind !== 'connection') continue
      for (const m of lane.open) if (lane.list(m) === 'bars') this.open.push(m)
    }
    return this.open
  }
  // sorted returns when finished states began and ended.
  sorted() {
    const { log, lanes } = this.track
    if (this.counted === log.length) return this.finished
    const all = new Map()
    for (const m of log) {
      if (lanes[m[M.LANE]].kind !== 'connection') continue
      if (!all.has(m[M.STATE])) all.set(m[M.STATE], { begun: [], ended: [] })
      const { begun, ended } = all.get(m[M.STATE])
      begun.push(m[M.AT])
      ended.push(m[M.AT] + m[M.TOOK])
    }
    const sort = numbers => Float64Array.from(numbers).sort()
    this.finished = new Map([...all].map(([state, { begun, ended }]) =>
      [state, { begun: sort(begun), ended: sort(ended) }]))
    this.counted = log.length
    return this.finished
  }
}
