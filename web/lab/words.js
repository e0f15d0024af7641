// Marks in words: for readers who do not see the picture, and as its caption for those who do.
import { states } from './data.js'
import { duration, moment, number, plural } from './format.js'
import { M, endOf } from './model.js'

const call = m => m[M.CALL] + (m[M.FD] >= 0 ? '(fd ' + m[M.FD] + ')' : '()')

function outcome(m) {
  const n = m[M.RESULT]
  if (m[M.ERRNO]) return m[M.ERRNO]
  switch (m[M.CALL]) {
    case 'accept': case 'accept4': case 'socket': return 'fd ' + n
    case 'read': case 'recv': return n === 0 ? 'end of stream' : plural(n, 'byte')
    case 'write': case 'send': return plural(n, 'byte')
    case 'select': case 'poll': case 'epoll_wait': case 'kevent': return n + ' ready'
  }
  return m[M.CALL] ? String(n) : ''
}

// What a coroutine or task waits for: a verb with the time, and the rest.
const waits = {
  readable: m => ['waited', ` for fd ${m[M.FD]} to be readable`],
  writable: m => ['waited', ` for fd ${m[M.FD]} to be writable`],
  time: () => ['slept', ''],
  task: () => ['awaited another task for', ''],
  future: () => ['awaited a future for', ''],
  queue: () => ['waited', ' in a queue'],
  drain: () => ['waited', ' until the peer had taken what was written'],
  thread: () => ['waited', ' for a thread\'s work'],
  turn: () => ['let others have their turn for', ''],
  begin: () => ['waited', ' for its first turn'],
}
const waitOf = m => (waits[m[M.ERRNO]] || (() => ['waited', '']))(m)
function parked(lane, m, long) {
  const [verb, what] = waitOf(m)
  return `${lane.name} ${verb} ${long}${what}.`
}

// taskOf returns the lane for which a thread made a call.
const taskOf = (lane, m) => lane.kind === 'thread' ? lane.track?.task(m) : undefined
function forTask(lane, m) {
  const task = taskOf(lane, m)
  return task ? ', for ' + task.name : ''
}

function ran(lane, m, long) {
  const turns = m[M.COUNT], callbacks = m[M.RESULT]
  if (lane.kind !== 'thread') {
    return turns > 1 ? `${lane.name} had ${turns} turns within ${long}.` : `${lane.name} ran for ${long}.`
  }
  if (!callbacks) return `${lane.name} ran for ${long}.`
  return `${lane.name} ran for ${long}: ${plural(turns, 'turn')} of its loop, ${plural(callbacks, 'callback')}.`
}

function failed(lane, m, times) {
  if (m[M.CALL]) return `${call(m)} failed${times}: ${m[M.ERRNO] || 'error'}.`
  return `${lane.name} ended in an error${m[M.ERRNO] ? ': ' + m[M.ERRNO] : ''}.`
}

function cancelled(lane, m) {
  if (!m[M.ERRNO]) return `${lane.name} is over: it was cancelled.`
  return `${lane.kind === 'thread' ? 'The server' : lane.name} was asked to end.`
}

function notTaken(lane, m, long) {
  if (m[M.ERRNO]) return parked(lane, m, long)
  const kept = m[M.RESULT] ? `; the server kept ${plural(m[M.RESULT], 'byte')} of it` : ''
  return `${lane.name} did not take its reply for ${long}${kept}.`
}

// isCutOff reports whether a mark was not over at the end: its call has returned nothing.
const isCutOff = (lane, m) => lane.track?.cutOff(m) === true

// sentence describes a mark in one sentence, and in another one that it was cut off. now is the run's clock, for marks
// that are still open.
export function sentence(lane, m, now) {
  const said = whatWas(lane, m, now)
  if (!isCutOff(lane, m)) return said
  const ended = endOf(m, now) === lane.track.died ? 'the server' : 'the run'
  return `${said} ${m[M.CALL] ? 'The call had not returned' : 'That was not over'} when ${ended} ended.`
}

function whatWas(lane, m, now) {
  const took = duration(endOf(m, now) - m[M.AT])
  const long = took + (m.open ? ' so far' : '')
  const got = m.open || isCutOff(lane, m) || !outcome(m) ? '' : ': ' + outcome(m)
  const times = m[M.COUNT] > 1 ? ' ' + number(m[M.COUNT]) + ' times' : ''
  switch (m[M.STATE]) {
    case 'running': return ran(lane, m, long)
    case 'parked': return parked(lane, m, long)
    case 'returned': return `${lane.name} is over: it returned.`
    case 'cancelled': return cancelled(lane, m)
    case 'waiting': return `${lane.name} waited ${long} in ${call(m)}${got}.`
    case 'blocked': return `${lane.name} was blocked in ${call(m)} for ${long}${got}${forTask(lane, m)}.`
    case 'queued': return `${lane.name} was connected for ${long}, and the server had not accepted it.`
    case 'unanswered': return `${lane.name} had asked and waited ${long} for its reply.`
    case 'answering': return `${lane.name} had the beginning of its reply, and waited ${long} for the end.`
    case 'paused': return `${lane.name} kept the server waiting for ${long}.`
    case 'backpressure': return notTaken(lane, m, long)
    case 'idle': return `${lane.name} was open for ${long} and asked nothing.`
    case 'answered': return `${lane.name} has its reply.`
    case 'failed': return failed(lane, m, times)
    case 'again': {
      const within = times && `${times} in ${took}`
      return `${call(m)} found nothing${within} and said ${m[M.ERRNO] || 'EAGAIN'}${forTask(lane, m)}.`
    }
    case 'called': {
      if (m[M.CALL] === 'timer') {
        return `A timer was due${times}; its callback was ready ${duration(m[M.RESULT] * 1e3)} later.`
      }
      const within = m[M.TOOK] ? 'in ' + took : 'at once'
      return `${call(m)} returned${times} ${within}${got}${forTask(lane, m)}.`
    }
  }
  return `${lane.name}: ${m[M.STATE]}, ${took}.`
}

// labels are what a picture says at a mark, from the longest to the shortest. A thread sleeps in a call on the
// descriptor of a client.
export function labels(lane, m, client) {
  const { word, one = word } = states[m[M.STATE]]
  switch (m[M.STATE]) {
    case 'parked': return [word + waitOf(m)[1], word]
    case 'blocked': case 'waiting': {
      const within = m[M.CALL] ? `${one} in ${m[M.CALL]}` : one
      return client ? [`${within} on ${client}`, within, one] : [within, one]
    }
    case 'called': return [times(m[M.CALL], m[M.COUNT])]
    case 'again': return [times(`${m[M.CALL]}: ${m[M.ERRNO] || one}`, m[M.COUNT]), one]
    case 'failed': return m[M.CALL] ? [`${m[M.CALL]}: ${m[M.ERRNO] || 'error'}`] : [reasonOf(m)]
    case 'cancelled': return [m[M.ERRNO] ? 'asked to end' : one]
  }
  return [one]
}

// times is a label that stands for n alike: "gave up waiting ×20".
export const times = (label, n) => n > 1 ? `${label} ×${number(n)}` : label

// reasonOf says in a few words why a client failed: what stands before the details.
const reasonOf = m => m[M.ERRNO] ? m[M.ERRNO].split(/[,:]| with /)[0] : states.failed.word

// How the clients' connections are counted in activity.
const short = {
  running: 'running',
  queued: 'not accepted',
  unanswered: 'unanswered',
  answering: 'being answered',
  paused: 'paused by the client',
  backpressure: 'not taking the reply',
  idle: 'idle',
}

const count = (counts, key) => counts.set(key, (counts.get(key) || 0) + 1)

// activity describes what a track does at t: "thread 1 blocked in read(fd 7) since 0.10 s; 20 not accepted, 1 paused".
export function activity(track, t, now) {
  const threads = [] // [lane, bar]
  const tasks = new Map() // how many are parked by kind, and 0 for "task 3 runs"
  const connections = new Map() // numbers by state
  for (const lane of track.lanes) {
    const bar = lane?.bar(t)
    if (!bar || endOf(bar, now) < t) continue
    if (lane.kind === 'thread') threads.push([lane, bar])
    else if (lane.kind === 'connection') count(connections, bar[M.STATE])
    else if (bar[M.STATE] === 'running') tasks.set(lane.name + ' runs', 0)
    else count(tasks, lane.kind)
  }
  const parts = threads.length <= 2 ? threads.map(([lane, bar]) => threadAt(lane, bar, t)) : threadsByState(threads)
  for (const [what, n] of tasks) parts.push(n ? plural(n, what) + ' parked' : what)
  const clients = [...connections].map(([state, n]) => number(n) + ' ' + (short[state] || state))
  if (clients.length) parts.push(clients.join(', '))
  return parts.join(' · ')
}

function threadAt(lane, bar, t) {
  const does = bar[M.STATE] === 'waiting' ? 'waits' : bar[M.STATE]
  return `${lane.name} ${does}${bar[M.CALL] ? ' in ' + call(bar) : ''}, ${duration(t - bar[M.AT])} so far`
}

function threadsByState(threads) {
  const counts = new Map()
  for (const [, bar] of threads) count(counts, bar[M.STATE] + (bar[M.CALL] ? ' in ' + bar[M.CALL] : ''))
  return [...counts].map(([does, n]) => plural(n, 'thread') + ' ' + does)
}

// facts returns the details of a mark, as [name, value] pairs.
export function facts(lane, m, now) {
  const facts = [['lane', lane.name], ['began', moment(m[M.AT], 1e6)]]
  if (m.open) facts.push(['lasts', duration(endOf(m, now) - m[M.AT]) + ' so far'])
  else if (m[M.TOOK]) facts.push(['took', duration(m[M.TOOK])])
  if (m[M.CALL]) facts.push(['call', m[M.CALL]])
  if (m[M.FD] >= 0) facts.push(['fd', String(m[M.FD])])
  const returned = m[M.CALL] && !m.open && !isCutOff(lane, m)
  if (returned) facts.push(['returned', m[M.ERRNO] ? '-1' : String(m[M.RESULT])])
  if (m[M.ERRNO] && m[M.CALL]) facts.push(['errno', m[M.ERRNO]])
  if (m[M.COUNT] > 1) facts.push(['stands for', number(m[M.COUNT]) + (m[M.CALL] ? ' calls' : ' turns')])
  const task = taskOf(lane, m)
  if (task) facts.push(['for', task.name])
  return facts
}
