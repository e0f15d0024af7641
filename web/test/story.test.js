import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.matchMedia = () => ({ matches: false })
const { linkTo, momentOf, paceBetween, spread } = await import('../lab/story.js')

test('a link leads to the moment that it was made for', () => {
  assert.equal(linkTo('one-slow', 1.9e9), '#lab-one-slow@1.90s')
  assert.equal(linkTo('one-slow', 0), '#lab-one-slow@0.00s')
  assert.equal(linkTo('crowd', 5123000), '#lab-crowd@0.005123s')
  for (const at of [0, 5123000, 102e6, 1.9e9, 61.5e9]) {
    assert.deepEqual(momentOf(linkTo('a-b', at)), { name: 'a-b', at })
  }
  assert.deepEqual(momentOf('#lab-a-b%402s'), { name: 'a-b', at: 2e9 })
  for (const other of ['', '#lab-a', '#lab-a?clients=5', '#lab-a@', '#lab-a@1e3s', '#lab-a@-1s', '#a@1s']) {
    assert.equal(momentOf(other), null, other)
  }
})

test('chapters that are close together are moved apart, within the scrubber', () => {
  assert.deepEqual(spread([10, 100, 200], 24, 300), [10, 100, 200])
  assert.deepEqual(spread([10, 12, 200], 24, 300), [10, 34, 200])
  assert.deepEqual(spread([290, 292, 294], 24, 300), [252, 276, 300])
  assert.deepEqual(spread([], 24, 300), [])
})

test('the story is slow where its moments are close, and does not dwell where nothing happens', () => {
  const seconds = span => span / paceBetween(span, 1) / 1e9
  assert.deepEqual([1e3, 1e9, 2e9, 60e9].map(span => Math.round(seconds(span) * 1e6) / 1e6), [1, 1, 2, 3])
})
