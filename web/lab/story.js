// The story of a run: its moments, which are the chapters on the scrubber. The film plays from one to the next, slowly
// where they are close, and stops at each with a sentence; the last stop is the verdict. Each moment has a link.
import { calm, el, iconButton, textButton } from './dom.js'
import { moment } from './format.js'
import { nsOf } from './link.js'
import { Pins } from './pins.js'
import { spread } from './spread.js'

const [least, most] = [1e9, 3e9] // ns, how long the film takes from one moment to the next
const size = 24 // px, of a chapter on the scrubber

// paceBetween is the pace at which a stretch of time takes as long as one can follow, and no longer.
export const paceBetween = (span, pace) => span / Math.max(least, Math.min(most, span / pace))

export class Story {
  constructor(stage) {
    this.stage = stage
    this.pins = new Pins(this)
    this.at = -1 // the moment that is shown with its sentence, or that the film plays to
    this.chapters = el('ol', { class: 'lab-moments', 'aria-label': 'Moments' })
    this.begin = textButton('Play the story', () => this.play(), { class: 'lab-button lab-begin', hidden: true })
    this.sentence = el('div', { class: 'lab-sentences', role: 'status' })
    this.next = textButton('Go on', () => this.goOn(), { 'aria-keyshortcuts': 'n' })
    this.buttons = el('span', { class: 'lab-set', hidden: true },
      this.next, iconButton('close', 'Leave the story', () => this.leave()))
    this.element = el('div', { class: 'lab-story' }, this.sentence, this.buttons)
  }
  when(at) { return moment(at, this.stage.run.length) }
  where({ server, also = [] }) {
    return [server, ...also].map(i => this.stage.run.tracks[i]?.name).join(', ')
  }
  words(i) {
    const m = this.stage.run.moments[i]
    return `${this.when(m.at)}, ${this.where(m)}: ${m.words}`
  }
  get moments() { return this.stage.view.covered ? [] : this.stage.run.moments }

  // leave ends the story; the picture stays as it is.
  leave() {
    const hadFocus = this.buttons.contains(document.activeElement)
    this.at = -1
    this.showPanel(false)
    if (this.stage.view.selected?.mark === null) this.stage.view.selected = null
    this.mark()
    if (hadFocus) this.begin.focus({ preventScroll: true })
  }

  showPanel(shown) {
    this.buttons.hidden = !shown
    this.element.classList.toggle('lab-telling', shown)
    this.sentence.replaceChildren()
  }

  // play tells the story from the beginning.
  play() {
    const { stage } = this
    stage.unselect()
    stage.fit()
    stage.film.seek(0)
    this.showPanel(true)
    stage.intoView()
    this.next.focus({ preventScroll: true })
    this.playTo(0)
  }
  // goOn plays on to the next moment; when it is on its way there, it is there at once.
  goOn() {
    if (!this.stage.film.playing) return this.playTo(this.at + 1)
    this.stopAt(this.at)
  }
  async playTo(i) {
    const { stage, moments } = this, { film, view } = stage
    const from = view.cursor ?? 0, to = moments[i]?.at ?? stage.run.clock()
    this.at = i
    if (calm.matches) return this.stopAt(i)
    if (i > 0 && moments[i]) stage.frameOf(from, to)
    else stage.fit()
    if (await film.play(moments[i] ? to : Infinity, paceBetween(to - from, film.pace))) this.tell(i)
  }
  // stopAt shows a moment with its sentence; after the last, the end of the run with its verdict.
  stopAt(i) {
    const { stage, moments } = this, at = moments[i]?.at ?? Infinity
    stage.film.seek(at)
    if (at < Infinity) stage.frameOf(at, at)
    this.tell(i)
  }
  // jump shows the next or the previous moment.
  jump(by) {
    const { moments, stage } = this, t = stage.view.cursor ?? Infinity
    const i = by > 0 ? moments.findIndex(({ at }) => at > t) : moments.findLastIndex(({ at }) => at < t)
    this.stopAt(i < 0 && by > 0 ? moments.length : Math.max(0, i))
  }
  // seek shows the moment of a link, with its sentence if it is one of the story's.
  seek(time) {
    const i = this.moments.findIndex(m => m.time === time)
    if (i < 0) this.stage.seek(nsOf(time))
    else this.stopAt(i)
  }

  tell(i) {
    const { stage, moments } = this, { at, server, lane, words } = moments[i] || {}
    const track = stage.run.tracks[server], ended = i >= moments.length
    this.at = i
    stage.view.selected = track?.lanes[lane] ? { track, lane: track.lanes[lane], mark: null } : null
    if (this.buttons.hidden) this.showPanel(true)
    const head = ended ? 'The end' : `${i + 1} of ${moments.length} · ${this.when(at)} · ${this.where(moments[i])}`
    const said = ended ? stage.run.result.servers.map(s => s.verdict) : [words]
    this.sentence.replaceChildren(el('span', { class: 'lab-when' }, head), ...said.map(text => el('p', {}, text)))
    const leave = ended && this.next === document.activeElement
    this.next.hidden = ended
    this.next.textContent = i < moments.length - 1 ? 'Go on' : 'To the end'
    if (leave) this.next.nextSibling.focus({ preventScroll: true })
    this.mark()
    if (ended) stage.fit()
    else stage.draw()
  }
  // mark marks the chapter whose sentence is shown.
  mark() {
    for (const [i, item] of [...this.chapters.children].entries()) {
      if (i === this.at) item.firstChild.setAttribute('aria-current', 'step')
      else item.firstChild.removeAttribute('aria-current')
    }
  }

  // place puts the chapters above the scrubber, each over its moment, as far as it has been seen.
  place(slider) {
    const { stage, moments, chapters } = this, { run, view } = stage, width = slider.clientWidth
    this.begin.hidden = !moments.length || stage.film.first
    chapters.hidden = !run.moments.length
    if (this.made !== run.moments) chapters.replaceChildren(...run.moments.map((moment, i) => this.chapter(moment, i)))
    this.made = run.moments
    const x = spread(run.moments.map(({ at }) => 8 + at / run.length * (width - 16)), size, width - size / 2)
    for (const [i, { at }] of run.moments.entries()) {
      chapters.children[i].hidden = view.covered || at > view.seen
      chapters.children[i].style.setProperty('left', Math.max(0, x[i] - size / 2) + 'px')
    }
  }
  chapter(moment, i) {
    const follow = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      history.replaceState(history.state, '', link.href)
      this.stopAt(i)
    }
    const said = this.words(i), href = `#lab-${this.stage.name}@${moment.time}`
    const link = el('a', { href, title: said, 'aria-label': `${i + 1}: ${said}`, onclick: follow }, i + 1)
    return el('li', {}, link)
  }

  // press handles a key within the stage, and reports whether it was one of the story's.
  press({ key, target }) {
    const paged = target.type === 'range' && { PageDown: -1, PageUp: 1 }[key]
    const by = paged || { n: 1, p: -1 }[key]
    if (by && this.moments.length) this.jump(by)
    else if (key === 'Escape' && this.at >= 0) this.leave()
    else return false
    return true
  }
}
