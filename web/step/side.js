// One server on its machine: its sentence, its picture, its source, what may happen next, its strip.
import { el, say } from '../lab/dom.js'
import { Choices } from './choices.js'
import { Code } from './code.js'
import { Machine } from './machine.js'
import { Picture } from './picture.js'
import { Strip } from './strip.js'
import { World } from './world.js'

export class Side {
  // tellAt returns the author's words about a moment. on has what the room does: take(side, choice), go(side, moment),
  // focus(side).
  constructor(server, script, tellAt, on) {
    Object.assign(this, { server, script, tellAt })
    this.said = el('p', { class: 'st-said', role: 'status' }, `Loading ${server.title} …`)
    this.told = el('p', { class: 'st-told', hidden: true })
    this.picture = new Picture(server.title)
    this.code = new Code()
    this.choices = new Choices(choice => on.take(this, choice))
    this.strip = new Strip(server.title, moment => on.go(this, moment))
    this.element = el('section', { class: 'st-side', 'aria-label': server.title, onfocusin: () => on.focus(this),
      onpointerdown: () => on.focus(this) },
    el('h3', {}, server.title), this.said, this.told, this.choices.element,
    el('div', { class: 'st-body' }, this.picture.element, this.code.element), this.strip.element)
    this.body = [this.picture, this.code, this.choices, this.strip].map(({ element }) => element)
    for (const element of this.body) element.hidden = true
  }

  // start begins with the moment to which the list leads, or before it: Step then follows the list.
  async start(module, list, before) {
    this.module = module
    this.world = new World(await this.machine())
    this.world.follow(list)
    if (before) this.world.go(this.world.root)
    for (const element of this.body) element.hidden = false
    this.show()
  }
  machine() { return Machine.start(this.module, this.script, this.server.args) }

  // acting is the thread whose line is shown: the one that has just moved, or the one that will.
  acting(moment, threads) {
    for (let at = moment; at; at = at.parent) {
      const [, id] = /^[tiwe](\d+)$/.exec(at.take) ?? []
      const thread = id && threads.find(thread => thread.id === Number(id))
      if (thread?.site) return thread
    }
    return threads.find(({ site }) => site)
  }

  show() {
    const { now } = this.world, { state } = now, before = now.parent?.state
    say(this.said, this.sentence(now, state))
    const told = this.tellAt(now)
    this.told.hidden = !told
    this.told.textContent = told
    this.picture.show(state, before)
    const { threads = [], parked = [] } = state, acting = this.acting(now, threads)
    const others = [...threads.filter(thread => thread !== acting).map(({ id, site }) => ['thread ' + id, site]),
      ...parked.filter(({ site }) => site).map(({ name, id, kind, site }) => [name || `${kind} ${id}`, site])]
    this.code.show(acting?.site ?? '', others)
    this.choices.show(state, now.next)
    this.strip.show(this.world)
  }
  sentence(now, { said, over, threads = [] }) {
    if (over) return said
    if (!now.n) return `The program stands before its first call, ${threads[0]?.call ?? ''}. Press Step.`
    return said + (/[.!?]$/.test(said) ? '' : '.')
  }

  // targets are what “next call of” can mean here, as [value, words].
  targets() {
    const { threads = [], clients = [] } = this.world.now.state
    return [...threads.map(({ id }) => ['t' + id, 'thread ' + id]), ...clients.map(({ id, name }) => ['c' + id, name]),
      ['line', 'this line']]
  }
  // nextCall goes on until the target makes a call, or a call about it is made. It returns whether it came to one.
  nextCall(target) {
    const { world } = this, start = world.now, { threads = [] } = start.state
    const site = this.acting(start, threads)?.site
    for (let i = 0; i < 3000; i++) {
      const before = world.now
      if (!world.forward()) break
      const [kind, id] = [world.now.take[0], Number(world.now.take.slice(1))]
      if (!'twe'.includes(kind)) continue
      const thread = before.state.threads.find(one => one.id === id)
      if (target === 't' + id || target === 'line' && thread?.site === site && i > 0 ||
        target[0] === 'c' && of(before.state, thread?.fd) === Number(target.slice(1))) return true
    }
    world.go(start)
    return false
  }
}

// of is the number of the client that a descriptor leads to.
const of = ({ files = [] }, fd) => files.find(file => file.fd === fd && file.kind === 'stream')?.client
