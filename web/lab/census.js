// How many clients are in which state at a moment: counted from the moments at which states begin and end, since there
// may be ten thousand clients and the moment moves with each frame.
import { states } from './data.js'
import { M } from './model.js'

// clientsAt returns [state, number] of the clients of a track at t, in the order of the legend.
export function clientsAt(track, t) {
  const counts = new Map(), add = (state, n) => counts.set(state, (counts.get(state) || 0) + n)
  for (const lane of track.lanes) {
    for (const m of lane?.kind === 'connection' ? lane.open : []) {
      if (m[M.AT] <= t && (m.open || t < m[M.AT] + m[M.TOOK]) && lane.list(m) === 'bars') add(m[M.STATE], 1)
    }
  }
  if (t < track.last) {
    for (const [state, sides] of finished(track)) add(state, upTo(sides[0], t) - upTo(sides[1], t))
  }
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

// finished returns when finished states of clients began and ended, sorted.
function finished(track) {
  const { log, lanes, census } = track
  if (census?.n === log.length) return census.all
  const all = new Map()
  for (const m of log) {
    if (lanes[m[M.LANE]].kind !== 'connection') continue
    if (!all.has(m[M.STATE])) all.set(m[M.STATE], [[], []])
    const [begun, ended] = all.get(m[M.STATE])
    begun.push(m[M.AT])
    ended.push(m[M.AT] + m[M.TOOK])
  }
  for (const [state, sides] of all) all.set(state, sides.map(numbers => Float64Array.from(numbers).sort()))
  track.census = { n: log.length, all }
  return all
}
