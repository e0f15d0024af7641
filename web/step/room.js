// The room: a window with one to three servers on their machines, and the controls.
import { calm, el } from '../lab/dom.js'
import { kept } from '../page/dom.js'
import { linkTo, listsOf } from './link.js'
import { load } from './load.js'
import { properties, search } from './search.js'
import { Side } from './side.js'

const pace = 1100 // ms a step
const most = 3 // servers side by side
const farthest = 3000 // steps of “to the end”
const schedules = 5000 // that a search tries
const slice = 12 // ms of a search between two breaths of the page
const ofNetwork = 'caprbkxd' // kinds of choices that are not the program's

const keys = [['→', 'step'], ['←', 'back'], ['Home', 'to the start'], ['End', 'run to the end'],
  ['P', 'play slowly, pause'], ['N', 'next call of what is chosen'], ['J', 'jump to a step'],
  ['1 … 9', 'take a choice'], ['L', 'copy the link'], ['F', 'find it for me'],
  ['M', 'quiet for screen readers, or not'], ['Esc', 'close']]

const button = (text, onclick, props = {}) =>
  el('button', { type: 'button', class: 'st-button', onclick, ...props }, text)
const row = (...children) => el('div', { class: 'st-row' }, ...children)
const set = (...children) => el('span', { class: 'st-set' }, ...children)

export class Room {
  constructor() {
    this.title = el('h2', { id: 'stepper-title' })
    this.body = el('div', { class: 'st-sides' })
    this.pick = el('div', { class: 'st-pick', role: 'group', 'aria-label': 'Servers' })
    this.status = el('p', { class: 'st-status', role: 'status' })
    this.window = el('dialog', {
      class: 'stepper lab', lang: 'en', 'aria-labelledby': 'stepper-title', onclose: () => this.leave(),
      onkeydown: event => this.press(event),
    }, el('header', { class: 'st-head' }, this.title, this.pick, button('Close', () => this.window.close())),
    this.honesty(), this.body, this.deck())
    document.body.append(this.window)
  }

  honesty() {
    return el('details', { class: 'st-honest' },
      el('summary', {}, el('b', {}, 'A simulated kernel'), ' under the book’s real servers. No time is measured.'),
      el('p', {}, 'These are the book’s own Go servers, compiled to WebAssembly. Large packages of Go that they import, such as ' +
        'fmt, are small ones of the book here, as a page downloads them. The kernel under them is a ' +
        'program of the book, with descriptors, queues, buffers and readiness as Linux has them. The book’s tests ' +
        'make ten thousand random programs of calls on it and on Linux: each call must return the same on both. ' +
        'Its clock stands still until you, or a step, move it. There are fewer clients than in the experiment, ' +
        'and none of them gives up waiting.'),
      el('p', {}, 'Servers in Python and C, and goroutines, are shown as recorded runs: they call the real kernel ' +
        'directly, and a page cannot stop them before each call.'))
  }

  deck() {
    this.backButton = button('◀ Back', () => this.back(), { title: 'Key ←' })
    this.stepButton = button('Step ▶', () => this.step(), { class: 'st-button st-main', title: 'Key →' })
    this.playButton = button('Play slowly', () => this.play(!this.playing), { title: 'Key P' })
    this.stopButton = button('Next stop', () => this.toStop(), { hidden: true })
    const onchange = () => this.jump(this.at.valueAsNumber)
    this.at = el('input', { type: 'number', class: 'st-at', min: 0, 'aria-label': 'Step', onchange })
    this.of = el('span', {})
    this.target = el('select', { 'aria-label': 'Next call of' })
    this.every = el('input', { type: 'checkbox', checked: true, id: 'st-every' })
    this.together = set(this.every, el('label', { htmlFor: 'st-every' }, 'all servers together'))
    this.property = el('select', { 'aria-label': 'What to find' },
      ...Object.entries(properties).map(([name, [, text]]) => el('option', { value: name }, text)))
    this.findButton = button('Find it for me', () => this.find())
    this.speak = button('Quiet for screen readers', () => this.mute(), { 'aria-pressed': 'false' })
    this.field = el('input', { type: 'text', class: 'st-url', readOnly: true, hidden: true, 'aria-label': 'Link' })
    this.help = el('details', { class: 'st-keys' }, el('summary', {}, 'Keys'),
      el('dl', {}, ...keys.map(([key, does]) => el('div', {}, el('dt', {}, el('kbd', {}, key)), el('dd', {}, does)))))
    return el('footer', { class: 'st-deck' },
      row(this.backButton, this.stepButton, this.playButton, this.stopButton, set('step ', this.at, this.of),
        this.together),
      this.status,
      el('details', { class: 'st-tools' }, el('summary', {}, 'Go further, find a failure, share'),
        row(button('To the start', () => this.jump(0)), button('To the end', () => this.toEnd()),
          set(button('Next call of', () => this.nextCall()), this.target)),
        row(set(this.findButton, this.property), button('Copy link to this moment', () => this.share()), this.field,
          this.speak, this.help)))
  }

  // open shows the servers of a door: {title, servers, script, list, stops, puzzle, property, asked}. asked are the
  // servers of a link, whose list leads to its moment; else a list is the run that the stops tell.
  async open(section, { title, servers, script, list, stops = [], puzzle = '', property, asked = [] }) {
    this.leave()
    const chosen = servers.filter(({ id }) => asked.includes(id))
    const shown = (chosen.length ? chosen : servers).slice(0, most), told = chosen.length ? [] : listsOf(list)[0]
    const lists = listsOf(list)
    const on = { take: (side, choice) => this.take(side, choice), go: (side, moment) => this.go(side, moment),
      focus: side => this.focus(side) }
    Object.assign(this, { name: section.dataset.lab ?? section.id, stops: told.length ? stops : [], told, puzzle })
    this.sides = shown.map(server => new Side(server, script, moment => this.tellAt(moment), on))
    this.title.textContent = title
    this.body.replaceChildren(...this.sides.map(({ element }) => element))
    this.pick.hidden = this.together.hidden = shown.length < 2
    this.pick.replaceChildren(...this.sides.map(side => button(side.server.title, () => this.focus(side))))
    this.stopButton.hidden = !this.stops.length
    if (property) this.property.value = property
    this.say('')
    if (!this.window.open) this.window.showModal()
    this.focused = null
    this.focus(this.sides[0])
    this.stepButton.focus()
    const { sides } = this
    await Promise.all(sides.map(async (side, i) => {
      try {
        const module = await load(`step/${side.server.file}.js`)
        if (this.sides !== sides) return
        await side.start(module, lists[i] ?? lists[0] ?? [], this.stops.length > 0)
        if (side === this.focused) this.refresh()
      } catch (error) {
        side.said.textContent = `${side.server.title} could not be started: ${error.message}.`
      }
    }))
  }
  leave() {
    this.play(false)
    this.searching = null
  }
  say(text) { this.status.textContent = text }

  focus(side) {
    if (this.focused === side) return
    this.focused = side
    this.sides.forEach((one, i) => {
      one.element.classList.toggle('st-focused', one === side)
      one.said.setAttribute('aria-live', one === side && !this.muted ? 'polite' : 'off')
      this.pick.children[i].setAttribute('aria-pressed', String(one === side))
    })
    if (side.world) this.refresh()
  }
  mute() {
    this.muted = !this.muted
    this.speak.setAttribute('aria-pressed', String(this.muted))
    this.focused.said.setAttribute('aria-live', this.muted ? 'off' : 'polite')
  }

  // moved are the sides that the controls move.
  get moved() {
    const all = this.every.checked ? this.sides : [this.focused]
    return all.filter(({ world }) => world)
  }
  refresh(sides = []) {
    for (const side of sides) side.show()
    const { world } = this.focused
    if (!world) return
    const { now, line } = world, targets = this.focused.targets(), { value } = this.target
    this.at.value = now.n
    this.at.max = line.length - 1
    this.of.textContent = ` of ${line.length - 1}`
    this.backButton.setAttribute('aria-disabled', String(!now.parent))
    this.stepButton.setAttribute('aria-disabled', String(!now.after && !now.next))
    if (this.targetWords !== targets.join()) {
      this.targetWords = targets.join()
      this.target.replaceChildren(...targets.map(([value, text]) => el('option', { value }, text)))
      if (targets.some(target => target[0] === value)) this.target.value = value
    }
  }

  // step returns whether there was one to take.
  step() {
    this.running = null
    const moved = this.moved.filter(({ world }) => world.forward())
    this.refresh(moved)
    return moved.length > 0
  }
  back() {
    this.play(false)
    this.refresh(this.moved.filter(({ world }) => world.back()))
  }
  go(side, moment) {
    this.play(false)
    side.world.go(moment)
    this.refresh([side])
  }
  jump(n) {
    this.play(false)
    if (!Number.isInteger(n) || n < 0) return this.refresh()
    const { moved } = this
    for (const { world } of moved) {
      world.go(world.line[Math.min(n, world.line.length - 1)])
      while (world.now.n < Math.min(n, farthest) && world.forward());
    }
    this.refresh(moved)
  }
  // toEnd runs on until nothing happens by itself, or until it does not come to an end. Other controls interrupt it.
  async toEnd() {
    this.play(false)
    const { moved } = this, mine = this.running = {}
    let last = performance.now()
    this.say('')
    for (const { world } of moved) {
      let i = 0
      for (; i < farthest && goesOn(world) && world.forward(); i++) {
        if (performance.now() - last < slice) continue
        this.say(`Step ${world.now.n} …`)
        await new Promise(resolve => setTimeout(resolve))
        if (this.running !== mine) return
        last = performance.now()
      }
      this.say(i < farthest ? '' : `It goes on and on: stopped after ${farthest} steps.`)
    }
    this.refresh(moved)
  }
  // take makes a choice of the reader's. What the network does, it does to the other servers too, where it can.
  take(side, choice) {
    this.play(false)
    if (!side.world.take(choice.take)) return
    const moved = [side]
    for (const other of this.moved) {
      if (other === side || !ofNetwork.includes(choice.kind)) continue
      const same = other.world.now.state.choices.find(({ kind, text }) => kind === choice.kind && text === choice.text)
      if (same && other.world.take(same.take)) moved.push(other)
    }
    this.refresh(moved)
  }
  nextCall() {
    this.play(false)
    const { moved } = this, target = this.target.value
    const found = moved.filter(side => side.nextCall(target))
    this.say(found.length ? '' : 'There is no further call.')
    this.refresh(found)
  }
  // onTold tells whether a moment is on the path of the run that the stops tell.
  onTold(moment) { return moment.list.every((take, i) => take === this.told[i]) }
  // tellAt returns the author's words about a moment: a stop's, or before the first step what the puzzle asks for.
  tellAt(moment) {
    const stop = this.stops.find(({ at }) => at === moment.n && this.onTold(moment))
    return stop?.say ?? (moment.n ? '' : this.puzzle)
  }
  toStop() {
    this.play(false)
    const { moved } = this
    for (const { world } of moved) {
      if (!this.onTold(world.now)) world.go(world.root)
      const { at } = this.stops.find(stop => stop.at > world.now.n) ?? { at: 0 }
      for (const take of this.told.slice(world.now.n, at)) world.take(take)
    }
    this.refresh(moved)
  }

  // play steps slowly, as far as there are steps, or to the step upTo.
  play(on, upTo = Infinity) {
    this.playing = on
    this.running = null
    clearTimeout(this.timer)
    this.playButton.textContent = on ? 'Pause' : 'Play slowly'
    if (!on) return
    if (this.focused.world.now.n < upTo && this.step()) {
      this.timer = setTimeout(() => this.play(true, upTo), calm.matches ? 2 * pace : pace)
    } else {
      this.play(false)
    }
  }

  async find() {
    if (this.searching) {
      this.searching = null
      return
    }
    this.play(false)
    const { focused: side } = this, mine = this.searching = {}, began = performance.now()
    const [number] = properties[this.property.value]
    this.findButton.textContent = 'Stop'
    let last = began
    const breathe = async tried => {
      if (performance.now() - last < slice) return true
      this.say(`Tried ${tried} of ${schedules} schedules …`)
      await new Promise(resolve => setTimeout(resolve))
      last = performance.now()
      return this.searching === mine
    }
    try {
      const machine = await side.machine()
      const { list, tried } = await search(machine, number, schedules, breathe)
      const took = ((performance.now() - began) / 1000).toFixed(1)
      if (this.searching !== mine && !list) this.say('The search was stopped.')
      else if (!list) this.say(`${tried} schedules in ${took} s, and none shows it. That is no proof.`)
      else this.present(side, list, `Found by schedule ${tried}, in ${took} s.`)
    } finally {
      this.searching = null
      this.findButton.textContent = 'Find it for me'
    }
  }
  // present plays a list that was found, from the first choice that is not calm.
  present(side, list, words) {
    const { world } = side
    world.follow(list)
    const strays = world.now.path.filter(({ strays }) => strays)
    this.say(`${words} ${list.length} choices, ` + (strays.length
      ? `${strays.length} of them not those of a calm machine (◆). It plays from the first of them to the end of the list.`
      : 'all of them those of a calm machine: it happens by itself.'))
    const from = strays[0]?.parent ?? world.root
    world.go(from)
    this.every.checked = false
    this.refresh([side])
    this.play(true, list.length)
  }

  async share() {
    const lists = this.sides.map(({ world }) => world?.now.list ?? []), url = new URL(location.href)
    url.hash = linkTo(this.name, this.sides.map(({ server }) => server.id), lists)
    try {
      await navigator.clipboard.writeText(url.href)
      this.field.hidden = true
      this.say('Copied: a link to this very moment.')
    } catch { // there is no clipboard here, or the reader has not allowed it
      Object.assign(this.field, { value: url.href, hidden: false })
      this.field.focus()
      this.field.select()
      this.say('Copy the selected link.')
    }
  }

  press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || kept('keys') === 'off') return
    if (event.target === this.at && event.key === 'Enter') { // the field has its value by its change
      event.preventDefault()
      this.jump(this.at.valueAsNumber)
      this.stepButton.focus()
      return
    }
    if (event.target.closest('input, select, textarea, [tabindex="0"]')) return
    const act = {
      ArrowRight: () => this.step(), ArrowLeft: () => this.back(), Home: () => this.jump(0), End: () => this.toEnd(),
      p: () => this.play(!this.playing), n: () => this.nextCall(), j: () => this.at.select(), l: () => this.share(),
      f: () => this.find(), m: () => this.mute(),
    }[event.key.length > 1 ? event.key : event.key.toLowerCase()]
    const choice = /^[1-9]$/.test(event.key) && this.focused.choices.all?.[event.key - 1]
    if (!act && !choice) return
    event.preventDefault()
    if (act) act()
    else this.take(this.focused, choice)
  }
}

// goesOn tells that the run is not over: when all clients have gone and nothing is left but that time passes, it is.
const goesOn = ({ now }) => now.after || now.next !== 'k' || now.state.clients.some(({ ended }) => !ended)
