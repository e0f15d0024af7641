// The matrix, run again on the reader's own machine: its cells fill as their programs answer.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el } = era

  era.Matrix = class Matrix {
    constructor(section) {
      this.section = section
      this.changed = -Infinity
      this.verdict = section.querySelector('.matrix-verdict')
      this.differs = section.querySelector('.matrix-differs')
      this.go = el('div', { class: 'bench' })
      this.verdict.before(this.go)
      this.offer()
    }

    // offer shows Run, or Stop while it runs.
    offer(busy = false) {
      if (busy !== !!this.busy) this.changed = performance.now()
      this.busy = busy
      const had = this.go.contains(document.activeElement)
      const button = busy
        ? el('button', { type: 'button', class: 'lab-run', onclick: era.turning(this.changed, () => era.live.stop()) }, era.icon('stop'), 'Stop')
        : el('button', { type: 'button', class: 'lab-run', onclick: era.turning(this.changed, () => this.run()) }, era.icon('play'), 'Run all cells')
      this.go.replaceChildren(button)
      if (had) button.focus()
    }

    async run() {
      this.offer(true)
      this.verdict.textContent = 'Asking serve …'
      this.differs.replaceChildren()
      for (const cell of this.section.querySelectorAll('td:not(.missing)')) cell.classList.add('waits')
      this.cells = 0
      try {
        await era.live.run(this, { type: 'matrix' })
      } catch (error) {
        this.frame({ type: 'error', text: error.message })
      }
    }

    // frame takes what serve says of the run.
    frame(frame) {
      switch (frame.type) {
        case 'phase':
          this.verdict.textContent = frame.text
          return
        case 'cell':
          this.fill(frame)
          if (this.cells++ % 10 === 0) this.verdict.textContent = `Running on this machine: cell ${this.cells} …` // it is read aloud
          return
        case 'matrix': {
          const run = frame.matrix.grids.flatMap(grid => grid.cells.flat()).filter(cell => !cell.missing)
          const same = run.filter(cell => !cell.differs).length
          this.verdict.textContent = `Done on this machine: ${same} of ${run.length} cells gave the same answers as the first, to the byte.`
          this.offer()
          return
        }
        case 'error':
          for (const cell of this.section.querySelectorAll('.waits')) cell.classList.remove('waits')
          this.verdict.textContent = frame.text + ' Cells that had not come show the recorded run.'
          this.offer()
      }
    }

    fill({ grid, row, column, cell }) {
      const line = this.section.querySelectorAll('table')[grid]?.tBodies[0].rows[row], at = line?.cells[column + 1]
      if (!at) return
      const differs = cell.differs || []
      at.className = cell.missing ? 'missing' : differs.length ? 'differs' : 'same'
      at.replaceChildren(...(cell.missing ? [cell.missing] : [
        el('b', {}, differs.length ? '✗ differs' : '✓ same'), ' ', el('code', {}, (cell.sha256 || '').slice(0, 6)),
        el('span', {}, era.duration((cell.ms || 0) * 1e6) + ['', ' · a bridge', ' · two bridges'][cell.bridges])]))
      const server = line.closest('table').tHead.rows[0].cells[column + 1]
      for (const text of differs) this.differs.append(el('li', {}, `${line.cells[0].firstChild.data.trim()} on ${server.firstChild.data.trim()}: ${text}`))
    }
  }

  document.addEventListener('DOMContentLoaded', () => {
    if (!era.live.served) return
    for (const section of document.querySelectorAll('section.matrix')) {
      if (!section.querySelector('table')) continue
      let matrix
      const offer = () => { if (era.live.state === 'may') matrix ??= new era.Matrix(section) } // who may not run reads
      era.live.watchers.push(offer)
      era.live.connect().then(offer, () => {})
    }
  })
})()
