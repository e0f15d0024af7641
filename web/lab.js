// The script of pages with experiments: it activates their lab blocks. era is its only global name:
// recordings and sources, which are scripts of one call each, pass their content through it (lab/load.js), and tests of
// the pages read the connection to serve (lab/live.js).
import { Bench } from './lab/bench.js'
import { partsOf } from './lab/link.js'
import { live } from './lab/live.js'
import { late, recording, source } from './lab/load.js'

globalThis.era = { recording, source, late, live }

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
