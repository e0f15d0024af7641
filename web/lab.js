// The script of pages with experiments: it activates their lab blocks and their matrix. era is its only global name:
// recordings and sources, which are scripts of one call each, pass their content through it (lab/load.js), and tests of
// the pages read the connection to serve (lab/live.js).
import { Bench } from './lab/bench.js'
import { partsOf } from './lab/link.js'
import { live } from './lab/live.js'
import { recording, source } from './lab/load.js'
import { Matrix } from './lab/matrix.js'
import { answersAtTheEnd } from './lab/paper.js'

globalThis.era = { recording, source, live }

const benches = [...document.querySelectorAll('section.lab[data-lab]')]
  .filter(section => section.querySelector('.bench'))
  .map(section => new Bench(section))

// A bench opens when it comes near the window, so that reading costs nothing and nothing in sight moves.
const near = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) benches.find(bench => bench.section === target).open()
  }
}, { rootMargin: '800px' })
for (const bench of benches) near.observe(bench.section)

// A link to an experiment carries its settings, or a moment of its run, or both.
function follow() {
  const link = partsOf(location.hash)
  benches.find(({ name }) => name === link?.name)?.follow(link)
}
addEventListener('hashchange', follow)
follow()
answersAtTheEnd()

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
