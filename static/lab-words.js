// Marks, moments and durations in words: the picture's twin for those who do not see it, and its caption for those who do.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const M = era.M

  era.number = n => Number(n).toLocaleString('en')

  // duration writes ns with two or three figures: "8 µs", "1.2 ms", "41 ms", "2.0 s".
  era.duration = ns => {
    for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]]) {
      const n = ns / size
      if (n >= (unit === 's' ? 0.9995 : 0.995)) return (n < 9.95 ? n.toFixed(1) : Math.round(n)) + ' ' + unit
    }
    return Math.round(ns) + ' ns'
  }

  // moment writes a time since the beginning so that neighbouring events differ when a view of the given span is shown.
  era.moment = (ns, span = 1e9) => {
    if (span < 2e6) return (ns / 1e6).toFixed(3) + ' ms'
    if (span < 2e9) return (ns / 1e6).toFixed(span < 2e8 ? 1 : 0) + ' ms'
    return (ns / 1e9).toFixed(2) + ' s'
  }

  const call = m => m[M.CALL] + (m[M.FD] >= 0 ? '(fd ' + m[M.FD] + ')' : '()')
  const plural = (n, one, many = one + 's') => era.number(n) + ' ' + (n === 1 ? one : many)

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
  era.outcome = outcome

  // What a coroutine or task waits for: a verb with the time, and the rest.
  const waits = {
    readable: m => ['waited', ` for fd ${m[M.FD]} to be readable`], writable: m => ['waited', ` for fd ${m[M.FD]} to be writable`],
    time: () => ['slept', ''], task: () => ['awaited another task for', ''], future: () => ['awaited a future for', ''],
    queue: () => ['waited', ' in a queue'], drain: () => ['waited', ' until the peer had taken what was written'],
    thread: () => ['waited', ' for a thread\'s work'], turn: () => ['let others have their turn for', ''], begin: () => ['waited', ' for its first turn'],
  }
  const parked = (lane, m, long) => {
    const [verb, what] = (waits[m[M.ERRNO]] || (() => ['waited', '']))(m)
    return `${lane.name} ${verb} ${long}${what}.`
  }
  // task names for whom a call was made.
  const task = (lane, m) => {
    const of = lane.kind === 'thread' && lane.track?.task(m)
    return of ? ', for ' + of.name : ''
  }
  const ran = (lane, m, long) => {
    const [turns, called] = [m[M.COUNT], m[M.RESULT]]
    if (lane.kind !== 'thread') return turns > 1 ? `${lane.name} had ${turns} turns within ${long}.` : `${lane.name} ran for ${long}.`
    return `${lane.name} ran for ${long}` + (called ? `: ${plural(turns, 'turn')} of its loop, ${plural(called, 'callback')}.` : '.')
  }

  // say tells a mark in one sentence. now is the run's clock, for marks that are still open.
  era.say = (lane, m, now) => {
    const long = era.duration(era.end(m, now) - m[M.AT])
    const so = m.open ? ' so far' : '', got = m.open || !outcome(m) ? '' : ': ' + outcome(m)
    const times = m[M.COUNT] > 1 ? ' ' + era.number(m[M.COUNT]) + ' times' : ''
    switch (m[M.STATE]) {
      case 'running': return ran(lane, m, long + so)
      case 'parked': return parked(lane, m, long + so)
      case 'returned': return `${lane.name} is over: it returned.`
      case 'cancelled': return m[M.ERRNO] ? `${lane.kind === 'thread' ? 'The server' : lane.name} was asked to end.` : `${lane.name} is over: it was cancelled.`
      case 'waiting': return `${lane.name} waited ${long}${so} in ${call(m)}${got}.`
      case 'blocked': return `${lane.name} was blocked in ${call(m)} for ${long}${so}${got}${task(lane, m)}.`
      case 'queued': return `${lane.name} was connected for ${long}${so}, and the server had not accepted it.`
      case 'unanswered': return `${lane.name} had asked and waited ${long}${so} for its reply.`
      case 'answering': return `${lane.name} had the beginning of its reply, and waited ${long}${so} for the end.`
      case 'paused': return `${lane.name} kept the server waiting for ${long}${so}.`
      case 'backpressure': return m[M.ERRNO] ? parked(lane, m, long + so) : `${lane.name} did not take its reply for ${long}${so}${m[M.RESULT] ? '; the server kept ' + plural(m[M.RESULT], 'byte') + ' of it' : ''}.`
      case 'idle': return `${lane.name} was open for ${long}${so} and asked nothing.`
      case 'answered': return `${lane.name} has its reply.`
      case 'again': return `${call(m)} found nothing${times ? times + ' in ' + long : ''} and said ${m[M.ERRNO] || 'EAGAIN'}${task(lane, m)}.`
      case 'failed': return m[M.CALL] ? `${call(m)} failed${times}: ${m[M.ERRNO] || 'error'}.` : `${lane.name} ended in an error${m[M.ERRNO] ? ': ' + m[M.ERRNO] : ''}.`
      case 'called':
        if (m[M.CALL] === 'timer') return `A timer was due${times}; its callback was ready ${era.duration(m[M.RESULT] * 1e3)} later.`
        return `${call(m)} returned${times} ${m[M.TOOK] ? 'in ' + long : 'at once'}${got}${task(lane, m)}.`
    }
    return `${lane.name}: ${m[M.STATE]}, ${long}.`
  }

  const short = {
    running: 'running', queued: 'not accepted', unanswered: 'unanswered', answering: 'being answered', paused: 'paused by the client',
    backpressure: 'not taking the reply', idle: 'idle',
  }

  // at tells what a track does at t: "thread 1 blocked in read(fd 7) since 0.10 s; 20 not accepted, 1 paused".
  era.at = (track, t, now) => {
    const threads = [], tasks = new Map(), counts = new Map()
    const count = (of, what) => of.set(what, (of.get(what) || 0) + 1)
    for (const lane of track.lanes) {
      if (!lane) continue
      const bar = lane.bar(t), state = bar && era.end(bar, now) >= t ? bar[M.STATE] : ''
      if (!state) continue
      if (lane.kind === 'thread') threads.push([lane, bar])
      else if (lane.kind === 'connection') count(counts, state)
      else if (state === 'running') tasks.set(lane.name + ' runs', 0)
      else count(tasks, lane.kind)
    }
    const parts = []
    if (threads.length > 0 && threads.length <= 2) {
      for (const [lane, bar] of threads) {
        const word = bar[M.STATE] === 'waiting' ? 'waits' : bar[M.STATE]
        parts.push(`${lane.name} ${word}${bar[M.CALL] ? ' in ' + call(bar) : ''}, ${era.duration(t - bar[M.AT])} so far`)
      }
    } else if (threads.length) {
      const by = new Map()
      for (const [, bar] of threads) count(by, bar[M.STATE] + (bar[M.CALL] ? ' in ' + bar[M.CALL] : ''))
      for (const [what, n] of by) parts.push(plural(n, 'thread') + ' ' + what)
    }
    for (const [what, n] of tasks) parts.push(n ? plural(n, what) + ' parked' : what)
    const clients = [...counts].map(([state, n]) => era.number(n) + ' ' + (short[state] || state))
    if (clients.length) parts.push(clients.join(', '))
    return parts.join(' · ')
  }

  // facts are the particulars of a mark, as [name, value] pairs.
  era.facts = (lane, m, now) => {
    const facts = [['lane', lane.name], ['began', era.moment(m[M.AT], 1e6)]]
    if (m.open) facts.push(['lasts', era.duration(era.end(m, now) - m[M.AT]) + ' so far'])
    else if (m[M.TOOK]) facts.push(['took', era.duration(m[M.TOOK])])
    if (m[M.CALL]) facts.push(['call', m[M.CALL]])
    if (m[M.FD] >= 0) facts.push(['fd', String(m[M.FD])])
    if (m[M.CALL] && !m.open) facts.push(['returned', m[M.ERRNO] ? '-1' : String(m[M.RESULT])])
    if (m[M.ERRNO] && m[M.CALL]) facts.push(['errno', m[M.ERRNO]])
    if (m[M.COUNT] > 1) facts.push(['stands for', era.number(m[M.COUNT]) + (m[M.CALL] ? ' calls' : ' turns')])
    const task = lane.kind === 'thread' && lane.track?.task(m)
    if (task) facts.push(['for', task.name])
    return facts
  }
})()
