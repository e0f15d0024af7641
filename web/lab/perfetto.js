// A run as Chrome trace events, which Perfetto opens: calls of threads nest, connections and tasks are async.
import { M } from './model.js'

const rank = { M: 0, e: 1, b: 2, X: 3, i: 4 } // of events at the same moment

export function chromeTrace(run) {
  const traceEvents = run.tracks.flatMap((track, i) => trackEvents(track, i))
  traceEvents.sort((a, b) => (a.ts ?? -1) - (b.ts ?? -1) || rank[a.ph] - rank[b.ph] || (b.dur ?? 0) - (a.dur ?? 0))
  const { scenario, seed, traffic_sha256 } = run.result
  return JSON.stringify({ displayTimeUnit: 'ns', traceEvents, otherData: { scenario, seed, traffic_sha256 } })
}

function trackEvents(track, i) {
  const pid = i + 1
  const events = [
    { ph: 'M', pid, tid: 0, name: 'process_name', args: { name: track.name } },
    { ph: 'M', pid, tid: 0, name: 'process_sort_index', args: { sort_index: i } },
  ]
  for (const lane of track.lanes.filter(Boolean)) {
    events.push({ ph: 'M', pid, tid: lane.id + 1, name: 'thread_name', args: { name: lane.name } })
    for (const m of lane.marks()) {
      const list = lane.list(m)
      if (m[M.LANE] !== lane.id || list === 'held') continue // it stands on the thread's lane
      events.push(...markEvents(pid, track, lane, m, list))
    }
  }
  return events
}

function markEvents(pid, track, lane, m, list) {
  const us = ns => ns / 1000
  const site = track.site(m), overlaps = lane.kind !== 'thread'
  const args = {
    state: m[M.STATE], fd: m[M.FD], ret: m[M.RESULT], errno: m[M.ERRNO], n: m[M.COUNT],
    task: track.task(m)?.name, site: site ? site.file + ':' + site.line : '',
  }
  const cat = overlaps ? lane.kind : 'sys'
  const event = { pid, tid: lane.id + 1, ts: us(m[M.AT]), name: m[M.CALL] || m[M.STATE], cat, args }
  const isMoment = list === 'calls' && overlaps || !m[M.TOOK] || m[M.CALL] && m[M.COUNT] > 1
  if (isMoment) return [{ ...event, ph: 'i', s: 't' }]
  if (!overlaps) return [{ ...event, ph: 'X', dur: Math.max(us(m[M.TOOK]), 0.001) }]
  const id2 = { local: lane.kind[0] + lane.id }
  return [{ ...event, ph: 'b', id2 }, { ...event, ph: 'e', ts: us(m[M.AT] + m[M.TOOK]), id2 }]
}
