import assert from 'node:assert/strict'
import test from 'node:test'
import { grade, gradeOrder, said, same } from '../lab/grade.js'

const figure = value => ({ value, words: '' })

test('a time is right within a factor, close within its square, and the rest is said in times', () => {
  const guess = { kind: 'number', unit: 's', per: 1000, within: 2, as: 'long' }
  assert.deepEqual(grade(guess, 2.5, figure(2500)), ['right', 'Right.'])
  assert.deepEqual(grade(guess, 2.5, figure(1300)), ['right', 'Right, within a factor of two.'])
  assert.deepEqual(grade(guess, 1, figure(3600)), ['close', 'It is 3.6 times as long as you thought.'])
  assert.deepEqual(grade(guess, 4.6, figure(100)), ['wrong', 'You thought of 46 times as long.'])
  assert.deepEqual(grade(guess, 0, figure(100)), ['wrong', 'More than you thought.'])
  assert.deepEqual(grade(guess, 0, figure(0.6)), ['right', 'Right, within a factor of two.'])
  assert.equal(said(guess, 2.5), '2.5 s')
})

test('memory is asked for in MB', () => {
  const guess = { kind: 'number', unit: 'MB', per: 1024, within: 2, as: 'much' }
  assert.equal(grade(guess, 25, figure(25600))[0], 'right')
  assert.deepEqual(grade(guess, 10, figure(96184)), ['wrong', 'It is 9.4 times as much as you thought.'])
})

test('a small count is exact, and what is close is said', () => {
  const guess = { kind: 'number', unit: 'answered', per: 1, within: 1, as: 'many' }
  assert.deepEqual(grade(guess, 20, figure(20)), ['right', 'Right.'])
  assert.deepEqual(grade(guess, 19, figure(20)), ['close', 'Close: 1 more than you thought.'])
  assert.deepEqual(grade(guess, 20, figure(0)), ['wrong', '20 fewer than you thought.'])
  assert.deepEqual(grade(guess, 0, figure(0)), ['right', 'Right.'])
})

test('every figure is in one of the options', () => {
  const bins = [{ from: 0, words: 'none' }, { from: 1, words: 'some' }, { from: 20, words: 'all' }]
  const guess = { kind: 'choice', bins }
  for (const [was, right] of [[0, 0], [1, 1], [19, 1], [20, 2], [21, 2]]) {
    assert.deepEqual([0, 1, 2].filter(i => grade(guess, i, figure(was))[0] === 'right'), [right])
  }
  assert.deepEqual(grade(guess, 0, figure(20)), ['wrong', 'More than that.'])
  assert.deepEqual(grade({ ...guess, kind: 'range' }, 1, figure(0)), ['close', 'Less than that.'])
  assert.equal(said(guess, 1), 'some')
})

test('an order is right for the first, for one level with it, and for none if all are about the same', () => {
  const guess = { kind: 'order', within: 1.25 }
  const figures = new Map(Object.entries({ a: figure(100), b: figure(90), c: figure(10) }))
  const of = (value, more = {}) => gradeOrder({ ...guess, ...more }, value, figures)
  assert.deepEqual(of('a'), ['right', 'Right.'])
  assert.deepEqual(of('b'), ['right', 'Right: level with the first.'])
  assert.deepEqual(of('c'), ['wrong', 'Another one.'])
  assert.deepEqual(of('c', { least: true }), ['right', 'Right.'])
  assert.deepEqual(of(same), ['wrong', 'They differ.'])
  assert.deepEqual(of(same, { within: 10 }), ['right', 'Right.'])
  assert.deepEqual(of('c', { within: 10 }), ['close', 'They are about the same.'])
})
