// What the page knows of a run: tracks of lanes, sites and marks, filled at once from a recording or batch by batch
// from a live run. A mark stays the array that it is in JSON, because there are many; M names its places.
import { kinds, states } from './data.js'

export const M = { LANE: 0, AT: 1, TOOK: 2, STATE: 3, CALL: 4, FD: 5, RESULT: 6, ERRNO: 7, COUNT: 8, SITE: 9, TASK: 10 }

// isEnd reports whether a mark of a connection is the end of a request, and not a call of the server.
const isEnd = m => m[M.STATE] === 'answered' || m[M.STATE] === 'failed' && !m[M.CALL]

const isBar = state => !states[state]?.glyph

// severalTurns reports whether the mark stands for several steps of a task, with rests between them.
export const severalTurns = (lane, m) => m[M.COUNT] > 1 && m[M.STATE] === 'running' && kinds[lane.kind].steps

// endOf returns when a mark is over, in ns; a mark that is still open ends now.
export const endOf = (m, now) => m.open ? Math.max(now, m[M.AT]) : m[M.AT] + m[M.TOOK]

// lastBefore returns the index of the last mark that began at t or before, or -1.
export function lastBefore(marks, t) {
  let low = 0, high = marks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (marks[middle][M.AT] <= t) low = middle + 1
    else high = middle
  }
  return low - 1
}

// insert keeps the list sorted by beginning; marks arrive nearly in order.
function insert(list, mark) {
  let i = list.length
  while (i > 0 && list[i - 1][M.AT] > mark[M.AT]) i--
  if (i === list.length) list.push(mark)
  else list.splice(i, 0, mark)
}

// foldOf returns the key of the fold that a lane belongs to.
export const foldOf = ({ kind, group = '' }) => kind + ' ' + group

// Lane keeps its marks by kind: bars fill it one after the other; held are the calls, on a connection's or task's lane,
// in which a thread slept for it; calls are the rest, on a task's lane those of its thread as well. own are the calls
// without those, ends those of them at which something ended. open are the unfinished ones of all kinds. edition
// changes with every finished mark.
class Lane {
  constructor(lane) {
    Object.assign(this, { group: '', bars: [], held: [], calls: [], ends: [], open: [], edition: 0, sorted: [] }, lane)
    this.own = kinds[this.kind]?.steps ? [] : this.calls
    this.spent = 0 // ns in bars that are no rest
    this.worst = 0 // an error counts more than all that time
  }
  // list returns where a mark belongs: 'bars', 'held' or 'calls'.
  list(mark) {
    if (this.kind !== 'thread' && (mark[M.STATE] === 'blocked' || mark[M.STATE] === 'waiting')) return 'held'
    return isBar(mark[M.STATE]) ? 'bars' : 'calls'
  }
  // add adds a finished mark, and returns the list that it belongs to.
  add(mark) {
    const list = this.list(mark), state = mark[M.STATE], own = mark[M.LANE] === this.id
    insert(this[list], mark)
    if (list === 'calls' && own && this.own !== this.calls) insert(this.own, mark)
    if (list === 'calls' && own && states[state]?.end) insert(this.ends, mark)
    if (list === 'calls' && state === 'failed') this.worst = 1e15
    if (list === 'bars' && state !== 'idle') this.spent += mark[M.TOOK]
    this.edition++
    return list
  }
  // cost returns how long the lane has waited or worked until now, and more than any such time if something failed.
  cost(now) {
    let ns = this.worst + this.spent
    for (const m of this.open) {
      if (m[M.STATE] !== 'idle' && this.list(m) === 'bars') ns += endOf(m, now) - m[M.AT]
    }
    return ns
  }
  all(list) {
    const open = this.open.filter(m => this.list(m) === list)
    return open.length ? this[list].concat(open) : this[list]
  }
  // marks returns all marks of the lane, in the order in which they began, the open one last.
  marks() {
    if (this.inOrder !== this.edition) {
      this.sorted = this.bars.concat(this.held, this.calls).sort((a, b) => a[M.AT] - b[M.AT] || b[M.TOOK] - a[M.TOOK])
      this.inOrder = this.edition
    }
    return this.open.length ? this.sorted.concat(this.open) : this.sorted
  }
  // bar returns the mark of the list that covers t, or null.
  bar(t, list = 'bars') {
    const marks = this[list]
    for (const m of this.open) {
      if (m[M.AT] <= t && (m.open || t < m[M.AT] + m[M.TOOK]) && this.list(m) === list) return m
    }
    for (let i = lastBefore(marks, t), tries = 0; i >= 0 && tries < 4; i--, tries++) {
      if (t < marks[i][M.AT] + marks[i][M.TOOK]) return marks[i]
    }
    return null
  }
}

class Track {
  constructor(server, groups) {
    const { id, language, name = id, unseen } = server
    // shape changes with the lanes, regrouped if sums must be counted anew, edition with the marks.
    Object.assign(this, { id, language, name, unseen, shape: 0, regrouped: 0, edition: 0 })
    Object.assign(this, { lanes: [], rows: [], sites: [], count: 0, present: new Map() })
    // As they came: finished bars, marks at which something ended, what goes on as [lane, marks before, marks after].
    Object.assign(this, { log: [], ended: [], changes: [] })
    this.holding = new Set() // connections for which a thread slept
    this.clients = new Map() // how many there are in each group
    Object.assign(this, { answered: 0, sent: 0, dropped: 0, died: 0, end: Infinity })
    this.groups = groups || [] // of clients: how many requests each makes, the one that matters first
    this.ends = [] // the marks at which requests ended, of all connections
  }
  get key() { return this.language === 'go' ? this.id : this.id + '/' + this.language }
  add(part) {
    for (const fields of part.lanes || []) {
      const known = this.lanes[fields.id]
      const lane = known ? Object.assign(known, fields) : new Lane({ ...fields, track: this })
      if (!known && lane.kind === 'connection') this.clients.set(lane.group, (this.clients.get(lane.group) || 0) + 1)
      if (known && known.fold !== foldOf(lane)) this.regrouped++
      this.lanes[fields.id] = Object.assign(lane, { fold: foldOf(lane) })
      this.shape++ // new or renamed
    }
    if (part.rows) this.rows = part.rows
    for (const site of part.sites || []) this.sites.push(site)
    for (const mark of part.marks || []) {
      const lane = this.lanes[mark[M.LANE]]
      if (lane) this.put(lane, mark)
      if (lane?.kind === 'thread') this.task(mark)?.add(mark)
      this.notice(mark)
      if (lane?.kind === 'connection' && isEnd(mark)) insert(this.ends, mark)
      this.count++
    }
    // Of what goes on, only changes come: lanes where nothing goes on any more, and all that goes on on some others. A
    // mark that took some time is over, only not yet final.
    const goOn = (lane, marks) => {
      this.changes.push([lane, lane.open, marks])
      lane.open = marks
    }
    for (const id of part.over || []) if (this.lanes[id]) goOn(this.lanes[id], [])
    let last = null
    for (const mark of part.open || []) {
      const lane = this.lanes[mark[M.LANE]]
      if (!lane) continue
      if (lane !== last) goOn(lane, [])
      last = lane
      mark.open = mark[M.TOOK] < 0
      lane.open.push(mark)
      this.hold(lane, lane.list(mark))
      this.notice(mark)
    }
    this.edition++
    for (const n of ['answered', 'sent', 'dropped', 'told', 'died']) if (part[n] !== undefined) this[n] = part[n]
  }
  // put adds a finished mark to its lane.
  put(lane, mark) {
    const ends = lane.ends.length, list = lane.add(mark)
    if (list === 'bars') this.log.push(mark)
    if (lane.ends.length > ends) this.ended.push(mark)
    this.hold(lane, list)
  }
  hold(lane, list) { if (list === 'held' && lane.kind === 'connection') this.holding.add(lane) }
  // notice keeps when a state was first seen.
  notice({ [M.STATE]: state, [M.AT]: at }) { this.present.set(state, Math.min(at, this.present.get(state) ?? at)) }
  // task returns the lane for which a call was made.
  task(mark) { return mark[M.TASK] ? this.lanes[mark[M.TASK] - 1] : undefined }
  site(mark) { return mark[M.SITE] >= 0 ? this.sites[mark[M.SITE]] : undefined }
  // cutOff reports whether a mark was not over when its server ended, or when the run did, as lab/recording has it.
  cutOff(m) {
    const end = m[M.AT] + m[M.TOOK]
    return !m.open && m[M.TOOK] > 0 && (end >= this.end || end === this.died)
  }
  // settle ends the track, and with it the marks that are open: these are cut off.
  settle(now) {
    this.end = now
    for (const lane of this.lanes) {
      for (const mark of lane ? lane.open : []) {
        if (mark.open) mark[M.TOOK] = Math.max(0, now - mark[M.AT])
        mark.open = false
        this.put(lane, mark)
      }
      if (lane) lane.open = []
    }
    this.edition++
    this.regrouped++ // nothing goes on any more
  }
}

// Run is one experiment, live or over.
export class Run {
  constructor(servers, groups) {
    this.tracks = servers.map(server => new Track(server, groups))
    this.live = false
    this.now = this.length = 0
    this.moments = []
    this.result = null
    this.received = 0
  }
  // recorded makes a run from a recording and from what the lab decided about it.
  static recorded({ recording, result, rows, groups, ...decided }) {
    const { length, made, machine } = recording
    const run = new Run(result.servers, groups)
    recording.tracks.forEach((track, i) => run.tracks[i].add({ ...track, rows: rows[i] }))
    run.finish({ result, length, ...decided })
    return Object.assign(run, { made, machine })
  }
  batch(frame) {
    this.now = Math.max(this.now, frame.now)
    this.received = performance.now()
    frame.tracks.forEach((part, i) => this.tracks[i]?.add(part))
  }
  // finish takes the lab's results when the run is over.
  finish({ result, length, table, measured, moments = [] }) {
    Object.assign(this, { result, table, measured, moments })
    this.end(Math.max(length || 0, this.now, ...this.tracks.map(lastEnd)))
    result.servers.forEach((s, i) => {
      const track = this.tracks[i]
      if (!track) return
      track.answered = s.requests.answered
      track.sent = s.requests.answered + s.requests.failed
      track.dropped = Math.max(track.dropped, s.events.dropped) // more may have been lost on the way to the page
    })
  }
  // end ends the run, complete or not.
  end(length = this.now) {
    for (const track of this.tracks) track.settle(length)
    this.now = this.length = length
    this.live = false
  }
  // clock returns the run's time in ns. Between two batches it goes on by itself, so that open marks grow evenly.
  clock() {
    if (!this.live) return this.now
    return this.now + (this.received ? Math.min(performance.now() - this.received, 150) * 1e6 : 0)
  }
  // present returns the states that are in the pictures up to a moment, in the order of the legend.
  present(until = Infinity) {
    const here = new Set()
    for (const track of this.tracks) for (const [state, at] of track.present) if (at <= until) here.add(state)
    return Object.keys(states).filter(state => here.has(state))
  }
}

function lastEnd(track) {
  let end = 0
  for (const lane of track.lanes) {
    for (const list of lane ? [lane.bars, lane.held, lane.calls] : []) {
      if (list.length) end = Math.max(end, endOf(list[list.length - 1], 0))
    }
  }
  return end
}
