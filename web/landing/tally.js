// What a film counts.
import { M } from '../lab/model.js'

const seen = 2e6 // ns; a shorter stretch of a thread is not worth a word

const ofGroup = (track, group) => track.lanes.filter(l => l?.kind === 'connection' && l.group === group)
const reply = lane => lane.calls.find(m => m[M.STATE] === 'answered')

// answered returns how many of a group have their reply at a moment.
export const answered = (track, group, now) => (
  ofGroup(track, group).filter(l => reply(l)?.[M.AT] <= now).length
)

// longestWait returns how long the unluckiest of a group waited, from its coming to its reply; null if one has none.
export function longestWait(track, group) {
  const waits = ofGroup(track, group).map(l => reply(l)?.[M.AT] - l.bars[0]?.[M.AT])
  return waits.length && waits.every(Number.isFinite) ? Math.max(...waits) : null
}

// activity returns the state that the server's thread is in at a moment, '' if it has none.
export function activity(track, now) {
  const bars = track.lanes.find(l => l?.kind === 'thread')?.all('bars') ?? []
  return bars.findLast(m => m[M.AT] <= now && (m[M.TOOK] > seen || m.open))?.[M.STATE] ?? ''
}
