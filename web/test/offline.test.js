import assert from 'node:assert/strict'
import test from 'node:test'
import { nameOf } from '../offline/names.js'

const scope = 'https://example.org/book/'
const files = new Set(['index.html', 'select.html', 'lab/one-slow.html', 'static/page.js', 'sources/runnable/a.go.js'])

test('an address leads to the file that the site has there', () => {
  for (const [address, name] of [
    ['https://example.org/book/', 'index.html'],
    ['https://example.org/book/index.html', 'index.html'],
    ['https://example.org/book/select.html', 'select.html'],
    ['https://example.org/book/select', 'select.html'], // as hosts write it that leave out the ending
    ['https://example.org/book/lab/one-slow', 'lab/one-slow.html'],
    ['https://example.org/book/select.html?from=a#b', 'select.html'],
    ['https://example.org/book/sources/runnable/a.go.js', 'sources/runnable/a.go.js'],
    ['https://example.org/book/none.html', undefined],
    ['https://example.org/book', undefined],
    ['https://example.org/other/select.html', undefined],
    ['https://elsewhere.org/book/select.html', undefined],
    ['http://example.org/book/select.html', undefined],
  ]) assert.equal(nameOf(address, scope, files), name, address)
})

test('a site at the root of its host', () => {
  assert.equal(nameOf('https://example.org/', 'https://example.org/', files), 'index.html')
  assert.equal(nameOf('https://example.org/select', 'https://example.org/', files), 'select.html')
})
