// The lanes that grow while one steps: what each thread, client, coroutine or task was doing after each choice, in the
// lab's states. A moment is a column; there are no times in it.
import { stateOf } from './rows.js'

// briefOf returns what the lanes need of a state: [[key, name, state]], moments that happened as [key, state].
export function briefOf(state) {
  const lanes = []
  for (const thread of state.threads ?? []) {
    const now = stateOf(thread)
    lanes.push(['t' + thread.id, 'thread ' + thread.id, now === 'ready' ? 'waiting' : now])
  }
  for (const { id, kind, name, state: at } of state.parked ?? []) {
    lanes.push(['p' + id, name || `${kind} ${id}`, at === 'running' ? 'running' : at === 'ended' ? '' : 'parked'])
  }
  const queued = (state.files ?? []).flatMap(({ queue = [] }) => queue)
  const accepted = new Set((state.files ?? []).filter(({ kind }) => kind === 'stream').map(({ client }) => client))
  for (const client of state.clients ?? []) {
    lanes.push(['c' + client.id, client.name, clientState(client, queued, accepted), client.answered, client.failed])
  }
  return lanes
}

function clientState(client, queued, accepted) {
  if (client.ended || client.failed || client.state === 'will connect') return ''
  if (queued.includes(client.id)) return 'queued'
  if (client.state === 'pauses') return 'paused'
  if (client.in?.n) return 'answering'
  if (client.answered < client.want && !client.next && accepted.has(client.id)) return 'unanswered'
  return 'idle'
}

// lanesOf returns [{key, name, spans: [{state, from, to}], marks: [{state, at}]}] of moments in a row, in columns from
// 0.
export function lanesOf(moments) {
  const lanes = new Map()
  moments.forEach((moment, x) => {
    for (const [key, name, state, answered = 0, failed = ''] of moment.brief) {
      if (!lanes.has(key)) lanes.set(key, { key, name, spans: [], marks: [], answered: 0, failed: '' })
      const lane = lanes.get(key), last = lane.spans.at(-1)
      if (last?.state === state && last.to === x) last.to = x + 1
      else if (state) lane.spans.push({ state, from: x, to: x + 1 })
      if (answered > lane.answered) lane.marks.push({ state: 'answered', at: x })
      if (failed && !lane.failed) lane.marks.push({ state: 'failed', at: x })
      Object.assign(lane, { answered, failed })
    }
    const [, thread] = /^[tw](\d+)$/.exec(moment.take) ?? []
    const lane = lanes.get('t' + thread)
    if (lane) lane.marks.push({ state: moment.again ? 'again' : 'called', at: x })
  })
  const order = { t: 0, p: 1, c: 2 }
  return [...lanes.values()].sort((a, b) => order[a.key[0]] - order[b.key[0]])
}
