// A pane of the stage: the name and score of one server, its picture, its activity at the moment under the pointer, and
// the pointer and keyboard events on it.
import { tally } from './counters.js'
import { el, say } from './dom.js'
import { number } from './format.js'
import { M, lastBefore } from './model.js'
import { Picture } from './picture.js'

// makePane returns {track, picture, canvas, readout, score, element, lay}.
export function makePane(stage, track) {
  const canvas = el('canvas', {
    class: 'lab-canvas', tabIndex: 0, role: 'application', 'aria-roledescription': 'time line',
    'aria-label': track.name + ': lanes over time', 'aria-describedby': stage.hint.id,
  })
  const [title, language] = track.name.split(' · ')
  const folds = el('div', { class: 'lab-folds' })
  const readout = el('p', { class: 'lab-readout' }), score = el('span', { class: 'lab-score' })
  const pane = { track, canvas, readout, score, picture: new Picture(canvas, track) }
  pane.lay = layer(stage, pane, folds)
  listenToPointer(stage, pane)
  canvas.addEventListener('keydown', event => press(stage, pane, event))
  pane.element = el('section', { class: 'lab-pane', role: 'group', 'data-server': track.key, 'aria-label': track.name },
    el('div', { class: 'lab-pane-head' },
      el('b', {}, title), el('span', { class: 'lab-language' }, language),
      track.of ? el('span', { class: 'lab-of' }, track.of) : null,
      readout, score),
    el('div', { class: 'lab-view' }, canvas, folds),
    track.unseen ? el('p', { class: 'lab-unseen' }, track.unseen) : null)
  return pane
}

// layer returns the function that gives a pane's picture its rows in a width, and every fold its button, which says how
// the clients in it have fared by the moment that is shown.
function layer(stage, { picture, track }, folds) {
  const buttons = new Map() // by fold
  const fared = faringOf(track)
  const addButton = key => {
    const toggle = () => {
      picture.toggle(key)
      stage.draw()
    }
    const button = el('button', { type: 'button', class: 'lab-fold', onclick: toggle })
    buttons.set(key, button)
    folds.append(button)
  }
  const place = rows => {
    for (const { key, y, h, open, head } of rows) {
      if (!buttons.has(key)) addButton(key)
      const button = buttons.get(key)
      button.setAttribute('aria-expanded', String(open))
      button.classList.toggle('lab-above', head)
      for (const [name, value] of Object.entries({ top: y, height: h, width: picture.gutter - 4 })) {
        button.style.setProperty(name, value + 'px')
      }
    }
    for (const [key, button] of buttons) {
      if (rows.some(row => row.key === key)) continue
      button.remove()
      buttons.delete(key)
    }
  }
  return (run, width) => {
    const { view } = stage, changed = picture.layout(width, run, view.covered)
    const rows = picture.rows.filter(row => row.kind === 'fold')
    if (changed) place(rows)
    for (const row of rows) {
      // While the film plays for the first time, nothing says how many threads or tasks there will be.
      const told = view.seen === Infinity || row.lanes[0]?.kind === 'connection'
      const parts = [told ? row.label : row.plain, ...fared(row, view.cursor ?? run.clock())]
      const button = buttons.get(row.key)
      const words = row.head ? parts.join(', ').replace('\n', ' ') : parts.join('\n')
      say(button, words)
    }
  }
}

// faringOf returns the function that says how the clients of a fold have fared at t; nothing of those that never ask.
function faringOf(track) {
  let key, sums
  return ({ lanes: [lane] }, t) => {
    const now = lastBefore(track.ends, t) + ' ' + track.lanes.length
    if (key !== now) [key, sums] = [now, tally(track, t)]
    const sum = lane?.kind === 'connection' && sums.find(({ group }) => group === lane.group)
    if (!sum) return []
    return [number(sum.answered) + ' answered', ...(sum.failed ? [number(sum.failed) + ' failed'] : [])]
  }
}

function listenToPointer(stage, { track, canvas, picture }) {
  const { view } = stage
  const point = event => {
    const box = canvas.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  let grabbed = null // where the button was pressed, and the view then
  canvas.addEventListener('pointerdown', event => {
    if (event.button === 0) grabbed = { x: point(event)[0], from: view.from, to: view.to, moved: false }
  })
  canvas.addEventListener('pointermove', event => {
    const [x] = point(event)
    if (grabbed && event.buttons === 1 && event.pointerType === 'mouse') {
      if (Math.abs(x - grabbed.x) > 4) grabbed.moved = true
      if (grabbed.moved) {
        const by = picture.time(grabbed.x, view) - picture.time(x, view)
        stage.look(grabbed.from + by, grabbed.to + by)
        return
      }
    }
    view.hover = x < picture.gutter ? null : Math.min(picture.time(x, view), view.seen)
    stage.draw()
  })
  canvas.addEventListener('pointerleave', () => {
    view.hover = null
    stage.draw()
  })
  canvas.addEventListener('click', event => {
    const moved = grabbed?.moved
    grabbed = null
    if (moved || view.covered) return
    const hit = picture.at(...point(event), view, stage.run.clock())
    if (!hit || hit.mark?.[M.AT] > view.seen) {
      stage.unselect()
    } else if (hit.fold) {
      picture.toggle(hit.fold)
      stage.draw()
    } else {
      stage.select(track, hit.lane, hit.mark)
    }
  })
  canvas.addEventListener('wheel', event => {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
    if (event.ctrlKey || event.metaKey) stage.zoom(event.deltaY > 0 ? 1.25 : 0.8, picture.time(point(event)[0], view))
    else if (sideways) stage.pan((event.deltaX || event.deltaY) / 800)
    else return
    event.preventDefault()
  }, { passive: false })
}

// press handles a key on a focused picture; with a modifier it is the browser's.
function press(stage, pane, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const keys = {
    ArrowLeft: () => event.shiftKey ? stage.pan(-0.25) : stage.step(-1, pane),
    ArrowRight: () => event.shiftKey ? stage.pan(0.25) : stage.step(1, pane),
    ArrowUp: () => stage.hop(pane, -1),
    ArrowDown: () => stage.hop(pane, 1),
    Home: () => stage.step(-Infinity, pane),
    End: () => stage.step(Infinity, pane),
    ' ': () => stage.toggle(),
    '+': () => stage.zoom(0.5),
    '=': () => stage.zoom(0.5),
    '-': () => stage.zoom(2),
    0: () => stage.fit(),
    Enter: () => stage.source(),
    s: () => stage.source(),
    Escape: () => stage.unselect(),
  }
  if (!keys[event.key]) return
  event.preventDefault()
  keys[event.key]()
}
