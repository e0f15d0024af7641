// What the page knows of a run: tracks of lanes, sites and marks, filled at once from a recording or batch by batch
// from a live run. A mark stays the array that it is in JSON, because there are many; era.M names its places.
(function () {
  'use strict'
  const era = globalThis.era ??= {}

  const M = era.M = { LANE: 0, AT: 1, TOOK: 2, STATE: 3, CALL: 4, FD: 5, RESULT: 6, ERRNO: 7, COUNT: 8, SITE: 9, TASK: 10 }

  // The states in the order of the legend. A bar fills its lane; the others are calls and glyphs drawn on top of bars.
  era.states = {
    running: { bar: true, word: 'running', means: 'the thread computes, or waits for a lock of the program; the task has its turn' },
    waiting: { bar: true, word: 'waiting for any of many', means: 'asleep in select: whoever comes first wakes it' },
    blocked: { bar: true, word: 'blocked in one call', means: 'asleep until this one descriptor has something' },
    parked: { bar: true, word: 'parked', means: 'the coroutine or task waits, and no thread with it' },
    queued: { bar: true, word: 'connected, not accepted', means: 'the kernel holds the connection, the program does not know of it' },
    unanswered: { bar: true, word: 'asked, no reply yet', means: 'the client waits' },
    answering: { bar: true, word: 'reply under way', means: 'its first byte has come, and not yet the last' },
    paused: { bar: true, word: 'the client pauses', means: 'the client keeps the server waiting' },
    backpressure: { bar: true, word: 'reply not taken', means: 'the client does not read what is sent, or a task waits until it does' },
    idle: { bar: true, word: 'open, nothing asked', means: 'the connection costs memory and no time' },
    called: { bar: false, word: 'a call', means: 'a call that returned at once' },
    again: { bar: false, word: 'EAGAIN', means: 'a call that found nothing and said so' },
    failed: { bar: false, word: 'error', means: 'a call or a connection that ended in an error' },
    returned: { bar: false, word: 'returned', means: 'the coroutine or task is over' },
    cancelled: { bar: false, word: 'cancelled', means: 'the task, or the server, was asked to end, or has ended so' },
    answered: { bar: false, word: 'answered', means: 'the reply is complete' },
  }
  // turns tells that the mark stands for several steps of a task, with rests between them.
  era.turns = (lane, m) => m[M.COUNT] > 1 && m[M.STATE] === 'running' && lane.kind !== 'thread'
  const isBar = state => !era.states[state] || era.states[state].bar

  // end is when a mark is over, in ns; a mark that is still open ends now.
  era.end = (m, now) => m.open ? Math.max(now, m[M.AT]) : m[M.AT] + m[M.TOOK]

  // last is the index of the last mark that began at t or before, -1 when there is none.
  const last = era.last = (marks, t) => {
    let low = 0, high = marks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (marks[middle][M.AT] <= t) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  // insert keeps the list in the order of beginnings; marks arrive nearly in order.
  function insert(list, mark) {
    let i = list.length
    while (i > 0 && list[i - 1][M.AT] > mark[M.AT]) i--
    if (i === list.length) list.push(mark)
    else list.splice(i, 0, mark)
  }

  // Lane keeps its marks by what they are: bars fill it one after the other; held are the calls, on a connection's or
  // task's lane, in which a thread slept for it; calls are the rest, on a task's lane those of its thread. open are those
  // that still go on, of all three.
  class Lane {
    constructor(lane) {
      Object.assign(this, { group: '', bars: [], held: [], calls: [], open: [], changed: true, sorted: [] }, lane)
    }
    // list is where a mark belongs: 'bars', 'held' or 'calls'.
    list(mark) {
      if (this.kind !== 'thread' && (mark[M.STATE] === 'blocked' || mark[M.STATE] === 'waiting')) return 'held'
      return isBar(mark[M.STATE]) ? 'bars' : 'calls'
    }
    add(mark) {
      insert(this[this.list(mark)], mark)
      this.changed = true
    }
    all(list) { return this.open.length ? this[list].concat(this.open.filter(m => this.list(m) === list)) : this[list] }
    // marks are all of the lane, in the order in which they began, the open one last.
    marks() {
      if (this.changed) {
        this.sorted = this.bars.concat(this.held, this.calls).sort((a, b) => a[M.AT] - b[M.AT] || b[M.TOOK] - a[M.TOOK])
        this.changed = false
      }
      return this.open.length ? this.sorted.concat(this.open) : this.sorted
    }
    // bar is the mark of the list that lies over t, or null.
    bar(t, list = 'bars') {
      const marks = this[list]
      for (const m of this.open) {
        if (this.list(m) === list && m[M.AT] <= t && (m.open || t < m[M.AT] + m[M.TOOK])) return m
      }
      for (let i = last(marks, t), tries = 0; i >= 0 && tries < 4; i--, tries++) {
        if (t < marks[i][M.AT] + marks[i][M.TOOK]) return marks[i]
      }
      return null
    }
  }

  class Track {
    constructor(server) {
      Object.assign(this, { id: server.id, language: server.language, unseen: server.unseen, shape: 0 })
      Object.assign(this, { lanes: [], sites: [], count: 0, answered: 0, sent: 0, dropped: 0, present: new Set() })
    }
    get name() { return this.id + ' · ' + (era.languages[this.language] || this.language) }
    get key() { return this.language === 'go' ? this.id : this.id + '/' + this.language }
    add(part, now = 0) {
      for (const lane of part.lanes || []) {
        this.lanes[lane.id] = Object.assign(this.lanes[lane.id] || new Lane({ track: this }), lane)
        this.shape++ // new, or under a new name
      }
      for (const site of part.sites || []) this.sites.push(site)
      for (const mark of part.marks || []) {
        const lane = this.lanes[mark[M.LANE]]
        lane?.add(mark)
        if (lane?.kind === 'thread') this.task(mark)?.add(mark)
        this.present.add(mark[M.STATE])
        this.count++
      }
      if (part.open) {
        for (const lane of this.lanes) if (lane) lane.open = []
        for (const mark of part.open) {
          mark.open = mark[M.AT] + mark[M.TOOK] >= now - 1e5 // or it is over, and only not final
          this.lanes[mark[M.LANE]]?.open.push(mark)
          this.present.add(mark[M.STATE])
        }
      }
      for (const n of ['answered', 'sent', 'dropped', 'told']) if (part[n] !== undefined) this[n] = part[n]
    }
    // task is the lane for which a call was made.
    task(mark) { return mark[M.TASK] ? this.lanes[mark[M.TASK] - 1] : undefined }
    site(mark) { return mark[M.SITE] >= 0 ? this.sites[mark[M.SITE]] : undefined }
    // settle turns what is still open at the end into ordinary marks.
    settle(now) {
      for (const lane of this.lanes) {
        for (const mark of lane ? lane.open : []) {
          if (mark.open) mark[M.TOOK] = Math.max(0, now - mark[M.AT])
          mark.open = false
          lane.add(mark)
        }
        if (lane) lane.open = []
      }
    }
  }

  // A recording's many lanes and marks arrive as columns: what many have in common stands once, in kinds, and numbers are
  // texts in Base64 VLQ, as in source maps. lab/recording/pack.go writes them.
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const values = []
  for (let i = 0; i < 64; i++) values[digits.charCodeAt(i)] = i

  function numbers(text) {
    const all = []
    for (let i = 0, n = 0, scale = 1; i < text.length; i++) { // no shifts: times have more than 32 bits
      const value = values[text.charCodeAt(i)]
      n += (value & 31) * scale
      scale *= 32
      if (value > 31) continue
      all.push(n % 2 ? (1 - n) / 2 : n / 2)
      n = 0
      scale = 1
    }
    return all
  }

  era.unpack = ({ lanes, marks, ...rest }) => {
    const kinds = numbers(lanes.kind)
    const columns = {}
    for (const name in marks) if (name !== 'kinds') columns[name] = numbers(marks[name])
    const { kind, lane, end, took, fd, result, count, task } = columns
    let now = 0
    return {
      ...rest,
      lanes: lanes.names.map((name, id) => ({ ...lanes.kinds[kinds[id]], id, name })),
      marks: kind.map((k, i) => {
        const of = marks.kinds[k]
        now += end[i]
        const mark = [lane[i], now - took[i], took[i], of[M.STATE], of[M.CALL], fd[i], result[i], of[M.ERRNO], count[i], of[M.SITE]]
        if (task[i]) mark.push(task[i])
        return mark
      }),
    }
  }

  era.languages = { go: 'Go', python: 'Python', c: 'C' }

  // Run is one experiment, going on (live) or over.
  era.Run = class Run {
    constructor(servers) {
      this.tracks = servers.map(server => new Track(server))
      this.live = false
      this.now = this.length = 0
      this.result = null
      this.heard = 0
    }
    static recorded(recording) {
      const run = new Run(recording.result.servers)
      recording.tracks.forEach((track, i) => run.tracks[i].add(era.unpack(track)))
      run.finish(recording.result, recording.length)
      Object.assign(run, { made: recording.made, machine: recording.machine })
      return run
    }
    batch(frame) {
      this.now = Math.max(this.now, frame.now)
      this.heard = performance.now()
      frame.tracks.forEach((part, i) => this.tracks[i]?.add(part, frame.now))
    }
    // finish takes what the lab says of the run when it is over.
    finish(result, length) {
      this.result = result
      for (const track of this.tracks) track.settle(this.now)
      this.length = Math.max(length || 0, this.now, ...this.tracks.map(lastEnd))
      this.now = this.length
      this.live = false
      result.servers.forEach((s, i) => {
        const track = this.tracks[i]
        if (track) Object.assign(track, { answered: s.requests.answered, sent: s.requests.answered + s.requests.failed, dropped: Math.max(track.dropped, s.events.dropped) }) // the way here may have lost more
      })
    }
    // clock is the run's time in ns. Between two batches it goes on by itself, so that open marks grow evenly.
    clock() {
      if (!this.live) return this.now
      return this.now + (this.heard ? Math.min(performance.now() - this.heard, 150) * 1e6 : 0)
    }
    present() {
      const here = new Set()
      for (const track of this.tracks) for (const state of track.present) here.add(state)
      return Object.keys(era.states).filter(state => here.has(state))
    }
  }

  function lastEnd(track) {
    let end = 0
    for (const lane of track.lanes) {
      for (const list of lane ? [lane.bars, lane.held, lane.calls] : []) {
        if (list.length) end = Math.max(end, era.end(list[list.length - 1], 0))
      }
    }
    return end
  }
})()
