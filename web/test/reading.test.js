import assert from 'node:assert/strict'
import test from 'node:test'
import { readNow } from '../reading/now.js'

// boxesAt returns three sections of 1,000 px in a window that is scrolled down so far.
const boxesAt = y => [0, 1000, 2000].map(top => ({ top: top - y, bottom: top + 1000 - y }))

test('a section is read when its end is in sight', () => {
  assert.deepEqual(readNow(boxesAt(0), 800, [], true), { seen: [0], done: [] })
  assert.deepEqual(readNow(boxesAt(250), 800, [0], true), { seen: [0], done: [0] })
})

test('its end may pass by between two rests, but not in a leap', () => {
  assert.deepEqual(readNow(boxesAt(900), 800, [0], true), { seen: [1], done: [0] })
  assert.deepEqual(readNow(boxesAt(900), 800, [0], false), { seen: [1], done: [] })
})

test('what a link to the next section leaves above is not read', () => {
  assert.deepEqual(readNow(boxesAt(927), 800, [], true), { seen: [1], done: [] })
  assert.deepEqual(readNow(boxesAt(2200), 800, [0], false), { seen: [2], done: [2] })
})

test('sections that fit into the window are read at once', () => {
  const boxes = [{ top: 100, bottom: 300 }, { top: 300, bottom: 700 }]
  assert.deepEqual(readNow(boxes, 800, [], true), { seen: [0, 1], done: [0, 1] })
})
