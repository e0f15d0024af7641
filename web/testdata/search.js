// Looks queries up in an index, for site/search_test.go: node search.js INDEX < QUERIES. Both sides are JSON.
import { readFileSync } from 'node:fs'
import { Index } from '../search/index.js'

const script = readFileSync(process.argv[2], 'utf8'), queries = JSON.parse(readFileSync(0, 'utf8'))
const [, content] = JSON.parse(script.slice(script.indexOf('detail:') + 'detail:'.length, script.lastIndexOf('})')))
const began = performance.now(), index = new Index(content), load = performance.now() - began

const pageOf = ({ page, kind, anchor }) => {
  if (kind === 'd' || anchor.startsWith('source/')) return anchor
  return index.pages[page].page + '.html' + (anchor && '#' + anchor)
}
const answers = queries.map(query => {
  const times = []
  let found
  for (let i = 0; i < 5; i++) {
    const began = performance.now()
    found = index.find(query)
    times.push(performance.now() - began)
  }
  const { places, instead, isWhole } = found
  const best = places.slice(0, 8)
    .map(({ unit, words, score }) => ({ page: pageOf(unit), name: unit.names[0], words, score }))
  return { query, first: times[0], times, count: places.length, isWhole, instead, best }
})
process.stdout.write(JSON.stringify({ load, words: index.sorted.length, units: index.units.length, answers }))
