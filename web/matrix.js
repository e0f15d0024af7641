// The script of pages with a matrix: run again on the reader's own machine, its cells fill as their programs answer.
// The connection to serve is that of lab.js.
import { el, runButton } from './lab/dom.js'

const { live } = globalThis.era

class Matrix {
  constructor(section) {
    this.section = section
    this.verdict = section.querySelector('.matrix-verdict')
    this.differs = section.querySelector('.matrix-differs')
    this.go = runButton()
    this.verdict.before(el('div', { class: 'bench' }, this.go.button))
    this.offer(false)
  }

  // offer shows Run, or Stop while it runs.
  offer(busy) {
    if (busy) this.go.show('stop', 'Stop', () => live.stop(this))
    else this.go.show('play', 'Run all cells', () => this.run())
  }

  async run() {
    this.offer(true)
    this.verdict.textContent = 'Asking serve …'
    this.differs.replaceChildren()
    for (const cell of this.section.querySelectorAll('td:not(.missing)')) cell.classList.add('waits')
    this.cells = 0
    try {
      await live.run(this, { type: 'matrix' })
    } catch (error) {
      this.failed(error.message)
    }
  }

  // frame handles a message of serve about the run.
  frame(frame) {
    switch (frame.type) {
      case 'phase':
        this.verdict.textContent = frame.text
        return
      case 'cell':
        this.fill(frame)
        if (this.cells++ % 10 > 0) return // changes of the text are read aloud
        this.verdict.textContent = `Running on this machine: cell ${this.cells} …`
        return
      case 'matrix':
        this.done(frame.text)
        return
      case 'error':
        this.failed(frame.text)
    }
  }

  done(summary) {
    this.verdict.textContent = 'Done on this machine: ' + summary
    this.offer(false)
  }

  failed(text) {
    for (const cell of this.section.querySelectorAll('.waits')) cell.classList.remove('waits')
    this.verdict.textContent = text + ' Cells that had not come show the recorded run.'
    this.offer(false)
  }

  fill({ grid, row, column, cell, differs }) {
    const table = this.section.querySelectorAll('table')[grid], line = table?.tBodies[0].rows[row]
    const at = line?.cells[column + 1]
    if (!at) return
    const { kind, word, hash, about } = cell
    at.className = kind
    if (kind === 'missing') at.replaceChildren(word)
    else at.replaceChildren(el('b', {}, word), ' ', el('code', {}, hash), el('span', {}, about))
    const nameIn = header => header.firstChild.data.trim()
    const app = nameIn(line.cells[0]), server = nameIn(table.tHead.rows[0].cells[column + 1])
    for (const text of differs || []) this.differs.append(el('li', {}, `${app} on ${server}: ${text}`))
  }
}

// The button that runs the matrix appears once the tab may run servers.
async function offerMatrix(section) {
  let matrix
  const offer = () => { if (live.state === 'may') matrix ??= new Matrix(section) }
  live.watchers.push(offer)
  try {
    await live.connect()
    offer()
  } catch { /* the watcher is called when it may */ }
}
if (live.served) {
  for (const section of document.querySelectorAll('section.matrix')) {
    if (section.querySelector('table')) offerMatrix(section)
  }
}
