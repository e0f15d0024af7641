import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.matchMedia = () => ({ matches: false })
const { paceBetween } = await import('../lab/story.js')
const { spread } = await import('../lab/spread.js')

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
