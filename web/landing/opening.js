// The small experiment of the first page: the film stops for a question, and answers it by what happens.
import { calm, el } from '../lab/dom.js'
import { live } from '../lab/live.js'
import { Run } from '../lab/model.js'
import { Progress } from '../lab/progress.js'
import { howToRun } from '../lab/rights.js'
import { Film } from './film.js'

const mayRun = 'This browser may run experiments on your machine. '

export class Opening {
  constructor(element) {
    this.element = element
    this.data = JSON.parse(element.dataset.film)
    this.answer = Number(element.dataset.answer)
    for (const part of ['question', 'told', 'grade', 'again', 'status', 'source', 'can']) {
      this[part] = element.querySelector('.film-' + part)
    }
    this.recorded = this.source.textContent
    this.right = this.grade.textContent // it is there, unseen, so that nothing moves when it is shown
    this.choices = [...element.querySelectorAll('.film-choice')]
    this.choices.forEach((button, i) => button.addEventListener('click', () => this.choose(i)))
    this.again.addEventListener('click', () => this.watch())
    this.film = new Film(element, this.data)
    this.begin()
    if (live.served) this.offer()
  }

  // set says how far the experiment is: begins, asked, going or told. Style sheets show what belongs
  // to it.
  set(state) {
    this.element.dataset.state = state
    for (const button of this.choices) button.disabled = state !== 'asked' && button.ariaPressed !== 'true'
  }

  // begin plays up to the question, once the picture is seen.
  begin() {
    this.set('begins')
    const ask = () => {
      if (this.element.dataset.state !== 'begins') return
      this.set('asked')
      this.status.textContent = this.question.querySelector('p').textContent.trim()
    }
    if (calm.matches) {
      this.film.jump(this.data.stop)
      ask()
      return
    }
    new IntersectionObserver((entries, observer) => {
      if (!entries.some(entry => entry.isIntersecting)) return
      observer.disconnect()
      if (this.element.dataset.state === 'begins') this.film.play(this.data.stop).then(ask)
    }, { threshold: 0.6 }).observe(this.element.querySelector('.film-lanes'))
  }

  async choose(i) {
    if (this.element.dataset.state !== 'asked') return
    this.choices.forEach((button, n) => button.setAttribute('aria-pressed', String(n === i)))
    this.set('going')
    await this.go(this.film.run.length)
    const right = i === this.answer
    this.grade.textContent = right ? this.right : this.right.replace('✓ Right', '✕ No')
    this.grade.classList.add(right ? 'right' : 'wrong')
    this.tell()
  }

  // go plays to a moment, or is there at once for a reader who wants little motion.
  async go(to) {
    if (calm.matches) this.film.jump(to)
    else await this.film.play(to)
  }

  // tell shows the answer in place of the question.
  tell() {
    const had = this.question.contains(document.activeElement)
    this.set('told')
    this.film.paint()
    const seen = this.film.sides.map(side => this.film.describe(side))
    this.status.textContent = [...seen, this.told.querySelector('p').textContent.trim()].join(' ')
    if (had) this.told.focus({ preventScroll: true }) // the button that was pressed is gone
  }

  watch() {
    if (this.element.dataset.state !== 'told' || this.film.run.live) return
    this.film.jump(0)
    this.go(this.film.run.length)
  }

  // offer says whether this browser may run experiments, and gives it this one.
  async offer() {
    const say = () => {
      if (live.state === 'may') this.canRun()
      else if (live.state) this.can.replaceChildren(howToRun())
    }
    live.watchers.push(say)
    try {
      await live.connect()
      say()
    } catch { /* the watcher is called with the reason */ }
  }
  canRun() {
    this.runButton = el('button', { type: 'button', class: 'film-run', onclick: () => this.run() }, 'Run it live')
    this.note = el('span', {}, mayRun)
    this.progress = new Progress()
    this.can.replaceChildren(el('p', {}, this.note, this.runButton), this.progress.element)
  }

  async run() {
    if (this.busy) return
    this.busy = true
    this.say('Asking serve … ')
    try {
      await live.run(this, this.data.request)
    } catch (error) {
      this.over(error.message)
    }
  }
  // say tells how far the run is. The status is read aloud, so it changes only when it must.
  say(text) {
    for (const line of [this.status, this.note]) if (line.textContent !== text) line.textContent = text
  }
  // frame handles a message of serve about the run.
  frame(frame) {
    if (frame.type === 'phase') {
      this.say(frame.text + ' ')
      this.progress.frame(frame)
    } else if (frame.type === 'started') this.started(frame.experiment)
    else if (frame.type === 'batch') this.film.run.batch(frame)
    else if (frame.type === 'done') this.done(frame)
    else if (frame.type === 'error') this.over(frame.text)
  }
  started({ servers }) {
    const run = new Run(servers)
    run.live = true
    this.set('going')
    this.source.textContent = 'Live, on this machine, as fast as it is.'
    this.say('Running … ')
    this.progress.frame({})
    this.film.show(run)
  }
  done(frame) {
    this.film.run.finish(frame)
    this.film.jump(this.film.run.length)
    this.source.textContent = 'Just now, on this machine.'
    if (!this.grade.matches('.right, .wrong')) this.grade.textContent = 'On this machine, just now:'
    this.over('')
    this.tell()
  }
  // over ends a run; text says what went wrong. The recorded run is then as it was before the question.
  over(text) {
    this.busy = false
    this.note.textContent = mayRun
    this.progress.frame({})
    if (!text) return
    if (this.film.run.live) {
      this.source.textContent = this.recorded
      this.film.show(this.film.recorded())
      this.film.jump(this.data.stop)
      this.set('asked')
    }
    this.status.textContent = text
    this.can.append(el('p', {}, text))
  }
}
