// The live viewer: enhances the lab blocks of a page. The scripts beside it (lab-*.js) hang their parts on the global
// era; they are classic scripts, because modules do not load from disk.
(function () {
  'use strict'
  const era = globalThis.era ??= {}

  // The bench's own style sheet, which a page without scripts has no use for.
  const sheet = era.el('link', { rel: 'stylesheet', href: 'static/lab.css' })
  era.styled = new Promise(resolve => { for (const over of ['load', 'error']) sheet.addEventListener(over, resolve) })
  document.head.append(sheet)

  document.addEventListener('DOMContentLoaded', () => {
    const benches = era.benches = [...document.querySelectorAll('section.lab[data-lab]')].filter(s => s.querySelector('.bench')).map(section => new era.Bench(section))
    // A bench opens when it comes near the window, so that reading costs nothing and nothing in sight moves.
    const near = new IntersectionObserver(entries => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) benches.find(bench => bench.section === target)?.open()
    }, { rootMargin: '800px' })
    for (const bench of benches) near.observe(bench.section)

    const follow = () => {
      const [, name, query] = /^#lab-([\w-]+)\?(.*)$/.exec(location.hash) || []
      const bench = benches.find(bench => bench.name === name)
      if (!bench) return
      bench.take(query)
      bench.section.scrollIntoView()
    }
    addEventListener('hashchange', follow)
    follow()
  })
})()
