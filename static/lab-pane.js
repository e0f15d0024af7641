// A pane of the stage: the name and score of one server, its picture, what it does at the moment pointed at, and the
// pointer and the keyboard on it.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el } = era

  era.pane = (stage, track) => {
    const canvas = el('canvas', { class: 'lab-canvas', tabIndex: 0, role: 'application', 'aria-roledescription': 'time line', 'aria-label': track.name + ': lanes over time', 'aria-describedby': stage.hint.id })
    const folds = el('div', { class: 'lab-folds' }), shown = new Map() // buttons by fold
    const readout = el('p', { class: 'lab-readout' }), score = el('span', { class: 'lab-score' })
    const pane = { track, canvas, readout, score, picture: new era.Picture(canvas, track) }
    // lay gives the picture its rows, and every fold its button.
    pane.lay = run => {
      if (!pane.picture.layout(canvas.clientWidth, run)) return
      const rows = pane.picture.rows.filter(row => row.kind === 'fold')
      for (const { key, y, h, label, open } of rows) {
        if (!shown.has(key)) {
          const button = el('button', { type: 'button', class: 'lab-fold', onclick: () => { pane.picture.toggle(key); stage.draw() } }, el('span', {}))
          shown.set(key, button)
          folds.append(button)
        }
        const button = shown.get(key)
        if (button.textContent !== label) button.firstChild.textContent = label
        button.setAttribute('aria-expanded', String(open))
        for (const [name, value] of Object.entries({ top: y, height: h, width: pane.picture.gutter - 4 })) button.style.setProperty(name, value + 'px')
      }
      for (const [key, button] of shown) {
        if (rows.some(row => row.key === key)) continue
        button.remove()
        shown.delete(key)
      }
    }
    const point = event => {
      const box = canvas.getBoundingClientRect()
      return [event.clientX - box.left, event.clientY - box.top]
    }
    let grabbed = null
    canvas.addEventListener('pointerdown', event => { if (event.button === 0) grabbed = { x: point(event)[0], from: stage.view.from, to: stage.view.to, moved: false } })
    canvas.addEventListener('pointermove', event => {
      const [x] = point(event)
      if (grabbed && event.buttons === 1 && event.pointerType === 'mouse') {
        if (Math.abs(x - grabbed.x) > 4) grabbed.moved = true
        if (grabbed.moved) {
          const by = pane.picture.time(grabbed.x, stage.view) - pane.picture.time(x, stage.view)
          stage.look(grabbed.from + by, grabbed.to + by)
          return
        }
      }
      stage.view.hover = x < pane.picture.gutter ? null : pane.picture.time(x, stage.view)
      stage.draw()
    })
    canvas.addEventListener('pointerleave', () => { stage.view.hover = null; stage.draw() })
    canvas.addEventListener('click', event => {
      const moved = grabbed?.moved
      grabbed = null
      if (moved || stage.view.covered) return
      const hit = pane.picture.at(...point(event), stage.view, stage.run.clock())
      if (hit?.fold) {
        pane.picture.toggle(hit.fold)
        return stage.draw()
      }
      hit ? stage.select(pane.track, hit.lane, hit.mark) : stage.unselect()
    })
    canvas.addEventListener('wheel', event => {
      if (event.ctrlKey || event.metaKey) stage.zoom(event.deltaY > 0 ? 1.25 : 0.8, pane.picture.time(point(event)[0], stage.view))
      else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) stage.pan((event.deltaX || event.deltaY) / 800)
      else return
      event.preventDefault()
    }, { passive: false })
    canvas.addEventListener('keydown', event => press(stage, pane, event))
    pane.element = el('section', { class: 'lab-pane', 'data-server': track.key, 'aria-label': track.name },
      el('div', { class: 'lab-pane-head' }, el('b', {}, track.id), el('span', { class: 'lab-language' }, era.languages[track.language] || track.language), readout, score),
      el('div', { class: 'lab-view' }, canvas, folds), track.unseen ? el('p', { class: 'lab-unseen' }, track.unseen) : null)
    return pane
  }

  // press obeys the keys of a focused picture; with a modifier they are the browser's.
  function press(stage, pane, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const keys = {
      ArrowLeft: () => event.shiftKey ? stage.pan(-0.25) : stage.step(-1, pane), ArrowRight: () => event.shiftKey ? stage.pan(0.25) : stage.step(1, pane),
      ArrowUp: () => stage.hop(pane, -1), ArrowDown: () => stage.hop(pane, 1), Home: () => stage.step(-Infinity, pane), End: () => stage.step(Infinity, pane),
      ' ': () => stage.toggle(), '+': () => stage.zoom(0.5), '=': () => stage.zoom(0.5), '-': () => stage.zoom(2), 0: () => stage.fit(),
      Enter: () => stage.source(), s: () => stage.source(), Escape: () => stage.unselect(),
    }
    if (!keys[event.key]) return
    event.preventDefault()
    keys[event.key]()
  }
})()
