import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { duration, moment, number, plural, stepOf, tickLabel, ticksIn } from '../lab/format.js'
import { View } from '../lab/picture.js'

test('numbers have thousands separators', () => {
  assert.equal(number(1234567), '1,234,567')
  assert.equal(plural(1, 'byte'), '1 byte')
  assert.equal(plural(2000, 'byte'), '2,000 bytes')
})

const casesOf = name => JSON.parse(readFileSync(new URL(`../../lab/words/testdata/${name}`, import.meta.url), 'utf8'))

test('durations are written as the lab writes them', () => {
  for (const [ns, text] of casesOf('durations.json')) assert.equal(duration(ns), text, String(ns))
})

test('moments get more digits in a shorter view', () => {
  assert.equal(moment(1_234_567, 1e6), '1.235 ms')
  assert.equal(moment(12_345_678, 1e8), '12.3 ms')
  assert.equal(moment(123_456_789, 4e8), '123 ms')
  assert.equal(moment(1_341_234_567, 1.5e9), '1.341 s') // as an axis of this length has it
  assert.equal(moment(2_345_678_901, 5e9), '2.35 s')
})

test('ticks are round, lie in the view, and leave room for labels', () => {
  for (const [from, to, width] of [[0, 1e9, 600], [3.7e6, 4.1e6, 300], [0, 7.3e9, 1200], [123, 20123, 80]]) {
    const view = Object.assign(new View(), { from, to })
    const ticks = ticksIn(view, width), step = ticks.length > 1 ? ticks[1] - ticks[0] : 0
    assert.ok(ticks.every(t => t >= from && t <= to), `${ticks} lie in ${from} to ${to}`)
    assert.ok(ticks.length <= Math.max(2, width / 76) + 1, `${ticks.length} ticks in ${width} px`)
    if (step) assert.match(step.toExponential(), /^[125]e/)
  }
})

test('axes are as the lab has them', () => {
  for (const [span, most, step, third] of casesOf('axes.json')) {
    assert.equal(stepOf(span, most), step, `${span} ns with ${most} marks`)
    assert.equal(tickLabel(3 * step, step), third)
  }
})

test('labels of ticks tell them apart', () => {
  assert.equal(tickLabel(0, 1e6), '0')
  assert.equal(tickLabel(3e9, 1e9), '3 s')
  assert.equal(tickLabel(1.5e9, 5e8), '1.5 s')
  assert.equal(tickLabel(20e6, 1e7), '20 ms')
  assert.equal(tickLabel(1.25e6, 5e4), '1.25 ms')
})
