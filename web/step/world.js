// A world is a machine with all that has become of it: a tree of moments. Each moment is defined by its choices, from
// the root on: taken again, they lead to it again. Some moments keep a snapshot, so that going back is quick.
import { briefOf } from './lanes.js'

const apart = 8 // choices between two snapshots
const most = 96 // snapshots that are kept

class Moment {
  constructor(parent, take) {
    this.parent = parent
    this.take = take
    this.n = parent ? parent.n + 1 : 0
    this.children = []
    this.after = null // the child on the path that was gone last
  }
  // state is all that can be seen of the moment. It is kept as text, which is smaller.
  get state() { return JSON.parse(this.text) }
  // path is the moments from the root up to this one.
  get path() {
    const path = []
    for (let at = this; at; at = at.parent) path.push(at)
    return path.reverse()
  }
  get list() { return this.path.slice(1).map(moment => moment.take) }
  // strays tells that no calm machine would have chosen so.
  get strays() { return Boolean(this.parent) && this.take !== this.parent.next }
}

export class World {
  constructor(machine) {
    this.machine = machine
    this.kept = [] // moments that have a snapshot, the root first
    this.root = this.now = new Moment(null, '')
    this.look(this.root)
  }

  // look notes what can be seen of the present moment.
  look(moment) {
    const { machine } = this, text = machine.state()
    moment.next = machine.next()
    moment.text = machine.ended ? epitaph(moment.parent, machine.ended) : text
    const { state } = moment
    moment.brief = briefOf(state)
    moment.again = /= EAGAIN$/.test(state.did)
    if (moment.n % apart === 0) this.keep(moment)
  }
  keep(moment) {
    moment.snapshot = this.machine.snapshot(this.kept.findLast(({ snapshot }) => snapshot)?.snapshot)
    this.kept.push(moment)
    if (this.kept.length <= most) return
    const [old] = this.kept.splice(1, 1)
    old.snapshot = null
  }

  // take makes a choice and returns whether there is such a choice.
  take(choice) {
    const { now } = this, before = now.children.find(({ take }) => take === choice)
    if (now.next === '' && !before && !now.state.choices.length) return false
    if (!this.machine.take(choice) && !this.machine.ended) return false
    const moment = before ?? new Moment(now, choice)
    if (!before) {
      now.children.push(moment)
      this.look(moment)
    }
    now.after = moment
    this.now = moment
    return true
  }
  // forward goes on along the path that was gone last, or calmly at its end.
  forward() {
    const choice = this.now.after?.take ?? this.now.next
    return choice !== '' && this.take(choice)
  }
  back() { return this.now.parent ? this.go(this.now.parent) : false }

  // go shows a moment of the tree.
  go(moment) {
    if (moment.parent === this.now) return this.take(moment.take)
    let from = moment
    while (!from.snapshot) from = from.parent
    this.machine.restore(from.snapshot)
    for (const { take } of moment.path.slice(from.n + 1)) this.machine.take(take)
    for (let at = moment; at.parent; at = at.parent) at.parent.after = at
    this.now = moment
    return true
  }
  // follow takes choices from the root on, as far as there are such. It returns how many there were.
  follow(list) {
    if (this.now !== this.root) this.go(this.root)
    return list.findIndex(choice => !this.take(choice)) >= 0 ? this.now.n : list.length
  }
  // line is the path through the present moment up to its end.
  get line() {
    const line = this.now.path
    for (let at = this.now.after; at; at = at.after) line.push(at)
    return line
  }
  // leaves are the ends of all paths.
  get leaves() {
    const leaves = [], open = [this.root]
    while (open.length) {
      const at = open.pop()
      if (at.children.length) open.push(...at.children.toReversed())
      else leaves.push(at)
    }
    return leaves
  }
}

// epitaph is the state of a machine whose program has left in the middle of a step: the last one that was seen.
function epitaph(parent, ended) {
  const state = parent ? parent.state : { clients: [] }
  const none = { threads: [], files: [], parked: [], choices: [], waiting: [] }
  return JSON.stringify({ ...state, ...none, said: 'The program has ended: ' + ended, over: ended })
}
