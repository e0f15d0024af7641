// The runs of a bench that are kept, two of them on one clock, and what differs between two.
import { duration, inSentence, number } from './format.js'
import { changeInWords } from './knobs.js'
import { Run } from './model.js'

// Kept holds the recorded run, the reader's last and the one before it. One that was broken off takes the place of none
// of these.
export class Kept {
  constructor() { Object.assign(this, { recorded: null, mine: null, before: null, broken: null, going: null }) }

  begin(run) { Object.assign(this, { going: run, broken: null }) }
  // complete keeps the run that has gone on to its end, and returns it.
  complete() {
    if (this.mine) this.before = this.mine
    this.mine = this.going
    this.going = null
    return this.mine
  }
  // breakOff keeps what there is of the run that went on, and returns it; null if nothing of it was seen.
  breakOff(how) {
    const run = this.going
    this.going = null
    if (!run) return null
    run.end()
    if (!run.length) return null
    run.broken = how
    this.broken = run
    return run
  }

  // last returns the last run that is complete.
  get last() { return this.mine ?? this.recorded }
  // base returns the run with which another one is compared without being asked to.
  base(run) { return run === this.mine ? this.before ?? this.recorded : null }

  // tabs returns the runs that there are, each with its name.
  get tabs() {
    const { recorded, mine, before, broken, going } = this
    return [
      [recorded, 'Recorded run'], [mine, 'Your run'], [before, 'The run before'],
      [broken, broken && `${capital(broken.broken)} after ${duration(broken.length)}`], [going, 'Running'],
    ].filter(([run]) => run)
  }
  nameOf(run) { return this.tabs.find(([one]) => one === run)?.[1] ?? '' }
  // phraseOf names a run within a sentence.
  phraseOf(run) { return this.nameOf(run).toLowerCase().replace(/^(?!the|your)/, 'the ') }
}

const capital = text => text[0].toUpperCase() + text.slice(1)

// together returns two runs as one: the pictures of each server one under the other, those of the servers that both
// have. Tracks are those of the runs, with the name of the run.
export function together(kept, a, b) {
  const named = (run, track) => {
    const of = kept.nameOf(run)
    return Object.create(track, { of: { value: of }, name: { value: track.name + ' · ' + of } })
  }
  const both = a.tracks.filter(track => b.tracks.some(other => other.key === track.key))
  const run = Object.assign(new Run([]), { moments: [], table: null })
  run.tracks = both.flatMap(track => [named(a, track), named(b, b.tracks.find(other => other.key === track.key))])
  run.now = run.length = Math.max(a.length, b.length)
  run.of = [a, b]
  if (a.table && JSON.stringify(a.table.columns) === JSON.stringify(b.table?.columns)) {
    const rowOf = (of, { key }) => of.table.rows[of.tracks.findIndex(track => track.key === key)]
    run.table = { ...a.table, rows: both.flatMap(track => run.of.map(of => rowOf(of, track))) }
  }
  return run
}
// comparable reports whether the two have a server in common.
export const comparable = (a, b) => a !== b && !a.live && !b.live &&
  a.tracks.some(track => b.tracks.some(other => other.key === track.key))

// A setup is what a run is made of: {servers, settings}. changes says in words how one differs from another; knobs are
// those of the scenario, and nameOf names a server.
export function changes(setup, from, knobs = [], nameOf = key => key) {
  const words = Object.keys(setup.settings).filter(name => setup.settings[name] !== from.settings[name]).map(name => {
    const knob = knobs.find(knob => knob.name === name), is = setup.settings[name], was = from.settings[name]
    return knob ? changeInWords(knob, is, was) : `${name} ${number(is)} instead of ${number(was)}`
  })
  const others = (a, b) => a.servers.filter(key => !b.servers.includes(key)).map(key => inSentence(nameOf(key)))
    .join(' and ')
  const more = others(setup, from), fewer = others(from, setup)
  if (more) words.push('with ' + more)
  if (fewer) words.push('without ' + fewer)
  return words
}

// What the figure of a measure is of, where its own words do not say that.
const about = {
  p50: 'median', p90: '90th percentile', p99: '99th percentile', max: 'longest', first_byte: 'first byte',
  cpu_ms: 'CPU time', rss_kb_max: 'memory', eagain: 'EAGAIN',
}
const aboutOf = measure => {
  const [group, figure = group] = measure.split('.')
  return [group === figure || group === 'syscalls' ? '' : group, about[figure]].filter(Boolean).join(' ')
}

// since says in one sentence what has changed from one run to the next: what it is made of, and the figure that the
// block is about, of each server that both have.
export function since(run, from, lead, measure, knobs) {
  const what = changes(run.setup, from.setup, knobs).join(', ') || 'the same servers and settings'
  const wordsOf = ({ measured, result }, i) => measure
    ? measured?.[i]?.words
    : number(result.servers[i].requests.answered) + ' answered'
  const parts = run.tracks.flatMap((track, i) => {
    const at = from.tracks.findIndex(({ key }) => key === track.key)
    const now = wordsOf(run, i), then = at < 0 ? undefined : wordsOf(from, at)
    return now && then ? [{ name: inSentence(track.name), now, then }] : []
  })
  const same = parts.every(({ now, then }) => now === then)
  const list = parts.map(({ name, now, then }) => `${name} ${now}` + (same ? '' : ` (before ${then})`)).join(', ')
  const figures = [aboutOf(measure), same ? 'as before' : ''].filter(Boolean).join(' ')
  return `${lead}: ${what}${list && `; ${figures ? figures + ': ' : ''}${list}`}.`
}
