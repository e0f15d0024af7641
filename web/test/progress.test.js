import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { goOnAt, keep, meant, merged, progress, read, record, sound, state } from '../page/progress.js'

let told, full
const items = new Map()
globalThis.localStorage = {
  getItem: key => items.get(key) ?? null,
  setItem(key, value) {
    if (full) throw new Error('full')
    items.set(key, value)
  },
}
globalThis.dispatchEvent = () => { told++ }

beforeEach(() => {
  items.clear()
  told = 0
  full = false
  keep(sound(null))
  told = 0
})

const linkTo = address => {
  const { pathname, hash } = new URL(address, 'file:///site/')
  return { pathname, hash }
}

test('what is done is kept once, in one value', () => {
  read('select', 'ready')
  read('select', 'ready')
  record('ran/one-slow')
  record('answered/select#quiz-1')
  assert.deepEqual(progress().done, ['read/select#ready', 'ran/one-slow', 'answered/select#quiz-1'])
  assert.equal(told, 3)
  assert.deepEqual([...items.keys()], ['era.progress'])
})

test('a place to go on is kept, the last one', () => {
  goOnAt('select', '')
  goOnAt('select', 'đường-đi')
  goOnAt('select', 'đường-đi')
  assert.equal(told, 2)
  const { chapter, section, time } = progress().at
  assert.deepEqual([chapter, section, Number.isFinite(time)], ['select', 'đường-đi', true])
})

test('damaged and hostile content is no progress', () => {
  const none = { version: 1, done: [], at: null }
  for (const text of ['', '{', '7', 'null', '[]', '{"version":2,"done":["ran/a"]}', '{"version":1,"done":{"length":9}}',
    '{"version":1,"at":{"chapter":"../x","section":"","time":1}}', '{"version":1,"at":{"chapter":"a","section":"b"}}',
    '{"version":1,"at":"x","done":[1,null,{},"ran/","ran/<b>","killed/a","read/a b","ran/a\\nb"]}',
    JSON.stringify({ version: 1, done: ['ran/' + 'a'.repeat(999)] })]) {
    items.set('era.progress', text)
    assert.deepEqual(progress(), none, text)
    read('a', 'b')
    assert.deepEqual(progress().done, ['read/a#b'], text)
  }
  record('ran/<script>')
  assert.deepEqual(progress().done, ['read/a#b'])
})

test('it is bounded, and the newest stays', () => {
  const many = Array.from({ length: 5000 }, (_, i) => 'ran/' + i)
  items.set('era.progress', JSON.stringify({ version: 1, done: many }))
  record('ran/last')
  assert.equal(progress().done.length, 2000)
  assert.equal(progress().done.at(-1), 'ran/last')
})

test('a browser that keeps nothing keeps it while the page is open', () => {
  full = true
  record('ran/a')
  record('ran/b')
  assert.deepEqual(progress().done, ['ran/a', 'ran/b'])
  full = false
  record('ran/c')
  assert.deepEqual(JSON.parse(items.get('era.progress')).done, ['ran/a', 'ran/b', 'ran/c'])
})

test('two browsers have both their progress, and the later place', () => {
  const early = { version: 1, done: ['ran/a', 'ran/b'], at: { chapter: 'one', section: '', time: 1 } }
  const late = { version: 1, done: ['ran/b', 'ran/c'], at: { chapter: 'two', section: 'x', time: 2 } }
  for (const both of [merged(early, late), merged(late, early)]) {
    assert.deepEqual(both.done.toSorted(), ['ran/a', 'ran/b', 'ran/c'])
    assert.deepEqual(both.at, late.at)
  }
  assert.deepEqual(merged(early, sound(null)), early)
})

test('links say what they lead to, and so how much is done', () => {
  assert.deepEqual(meant(linkTo('select.html#ready')), ['sections', ['read/select#ready']])
  assert.deepEqual(meant(linkTo('http://h/book/select#%C4%91i')), ['sections', ['read/select#đi']])
  assert.deepEqual(meant(linkTo('select.html#quiz-2')), ['questions', ['answered/select#quiz-2']])
  assert.deepEqual(meant(linkTo('select.html#lab-one-slow')),
    ['experiments', ['guessed/one-slow', 'watched/one-slow', 'ran/one-slow']])
  const links = ['a.html#x', 'a.html#y', 'a.html#lab-one', 'b.html#lab-two', 'a.html#quiz-1'].map(linkTo)
  read('a', 'x')
  record('watched/two')
  record('guessed/two')
  assert.deepEqual(state(links), { sections: [1, 2], experiments: [1, 2], questions: [0, 1] })
})
