import assert from 'node:assert/strict'
import { test } from 'node:test'

import { lanesOf, briefOf } from '../step/lanes.js'
import { linkTo, listsOf } from '../step/link.js'
import { Machine } from '../step/machine.js'
import { rowsOf, shown, wordsOf } from '../step/rows.js'
import { properties, search } from '../step/search.js'
import { wasi } from '../step/wasi.js'
import { World } from '../step/world.js'

// toy is a machine whose choices are a and b; its memory holds what was taken, as a real one's does. The property 1 is
// breached once b was taken twice in a row. x ends it without a word.
function toy() {
  const memory = new WebAssembly.Memory({ initial: 2 }), inbox = 1024, place = 2048
  const counts = () => new Uint32Array(memory.buffer, 16, 1), list = () => new Uint8Array(memory.buffer, 64, 900)
  const taken = () => [...list().slice(0, counts()[0])].map(code => String.fromCharCode(code))
  const put = text => {
    const { written } = new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, place))
    return BigInt(place) << 32n | BigInt(written)
  }
  const given = n => new TextDecoder().decode(new Uint8Array(memory.buffer, inbox, n))
  const isBroken = () => /bb/.test(taken().join(''))
  const make = choice => {
    if (!'abx'.includes(choice)) return 0
    list()[counts()[0]++] = choice.charCodeAt(0)
    if (choice === 'x') throw new Error('it has left')
    if (choice === 'b' && memory.buffer.byteLength < 3 << 16) memory.grow(1)
    return 1
  }
  const until = (choices, property) => {
    for (const choice of choices) if (make(choice) && isBroken()) break
    return isBroken() ? property : 0
  }
  const machine = new Machine()
  Object.assign(machine, { inbox, host: { output: '', readings: 0, memory } })
  machine.exports = {
    memory,
    take: n => make(given(n)),
    next: () => put('a'),
    taken: () => put(taken().join(' ')),
    follow: (n, property) => until(given(n).split(' ').filter(Boolean), property),
    calm: (most, property) => until('a'.repeat(3), property),
    wander(seed, most, property) {
      const some = Array.from({ length: 20 }, (_, i) => (Number(seed) * 7 + i * i) % 5 ? 'a' : 'b')
      return until(some, property)
    },
    state: () => put(JSON.stringify({ said: taken().join(''), did: '', choices: [{ take: 'a' }, { take: 'b' }] })),
  }
  return machine
}

test('a moment is its choices: gone back to, it is as it was, and as it is when they are taken again', () => {
  const world = new World(toy())
  for (let i = 0; i < 45; i++) assert.equal(world.take(i % 3 ? 'a' : 'b'), true)
  const moments = [...world.line], texts = moments.map(({ text }) => text)
  for (const at of [44, 43, 45, 0, 17, 16, 15, 30]) {
    assert.equal(world.go(moments[at]), true)
    assert.equal(world.machine.state(), texts[at], `moment ${at}`)
    const again = new World(toy())
    assert.equal(again.follow(moments[at].list), at)
    assert.equal(again.now.text, texts[at])
  }
})

test('memory that has come since is cleared', () => {
  const machine = toy(), before = machine.snapshot()
  machine.take('b')
  new Uint8Array(machine.exports.memory.buffer)[(3 << 16) - 1] = 7
  machine.restore(before)
  assert.equal(new Uint8Array(machine.exports.memory.buffer).at(-1), 0)
  assert.equal(machine.taken().length, 0)
})

test('snapshots share what has not changed, and there are only so many', () => {
  const world = new World(toy())
  for (let i = 0; i < 850; i++) world.forward()
  const snapshots = world.kept.map(({ snapshot }) => snapshot)
  assert.ok(snapshots.every(Boolean) && snapshots.length <= 96, `${snapshots.length} snapshots`)
  assert.equal(snapshots[0], world.root.snapshot)
  assert.ok(new Set(snapshots.flatMap(({ blocks }) => blocks)).size < snapshots.length * 2)
  world.go(world.line[20])
  assert.equal(world.now.state.said.length, 20)
})

test('what is done otherwise after going back is a branch, and the first stays', () => {
  const world = new World(toy())
  world.forward()
  world.forward()
  const end = world.now
  world.back()
  assert.equal(world.take('b'), true)
  assert.equal(world.now.strays, true)
  assert.deepEqual(world.leaves.map(({ list }) => list.join('')).sort(), ['aa', 'ab'])
  world.back()
  world.forward()
  assert.equal(world.now.take, 'b', 'forward goes along the branch that was gone last')
  world.go(end)
  assert.equal(world.line.at(-1), end)
  assert.equal(world.take('q'), false)
  assert.equal(world.now, end)
})

test('a program that leaves in the middle of a step says so, and going back brings it back', () => {
  const world = new World(toy())
  world.forward()
  assert.equal(world.take('x'), true)
  assert.match(world.now.state.said, /has ended: .*it has left/)
  assert.equal(world.forward(), false)
  world.back()
  assert.equal(world.now.state.said, 'a')
  assert.equal(world.forward(), true)
})

test('a search finds a run that breaks the property, and leaves out what it does not need', async () => {
  const machine = toy()
  machine.take('a')
  const { list, tried } = await search(machine, 1, 100, () => true)
  assert.deepEqual(list, ['a', 'b', 'b'])
  assert.ok(tried > 1)
  assert.deepEqual(await search(toy(), 1, 1, () => true), { list: null, tried: 1 })
  assert.deepEqual(await search(toy(), 1, 100, tried => tried < 1), { list: null, tried: 1 })
  for (const [name, [number, text]] of Object.entries(properties)) assert.ok(number && text, name)
})

test('links carry servers and lists, and what is no choice is not taken', () => {
  assert.equal(linkTo('one-slow', ['select', 'epoll/edge'], [['c1', 'k'], ['c1']]),
    '#step=one-slow&servers=select,epoll/edge&take=c1.k,c1')
  assert.equal(linkTo('x', ['a', 'b'], [['c1'], ['c1']]), '#step=x&servers=a,b&take=c1')
  assert.deepEqual(listsOf('c1 a3 k,t1 <b> t2'), [['c1', 'a3', 'k'], ['t1']])
  assert.deepEqual(listsOf(undefined), [[]])
})

const state = {
  now: 0, said: '', did: '', over: '',
  threads: [{ id: 1, call: 'read(5, 4096)', name: 'read', fd: 5, site: 'select/main.go:40', began: true, ready: false,
    waits: 'nothing has arrived' }],
  files: [
    { fd: 3, kind: 'listener', state: 'listening', queue: [2], half: 0 },
    { fd: 5, kind: 'stream', state: 'established', client: 1, peer: 'slow', in: { n: 6, text: 'GET\r\n\0' },
      out: { n: 0 } },
    { fd: 6, kind: 'stream', state: 'established', client: 0, peer: 'the backend', in: { n: 0 },
      out: { n: 2, text: 'x\n' } },
  ],
  parked: [
    { id: 4, kind: 'coroutine', name: '', site: 'a.go:1', why: 'waits until 6 can be read', state: 'suspended', fd: 6 },
    { id: 5, kind: 'coroutine', name: '', site: 'a.go:1', why: '', state: 'ended', fd: -1 },
  ],
  clients: [
    { id: 1, name: 'slow', state: 'established', next: '', waits: 'it waits for an answer', want: 1, answered: 0,
      failed: '', ended: false, in: { n: 0 }, out: { n: 0 } },
    { id: 2, name: 'fast', state: 'established', next: 'sends 2 bytes', waits: '', want: 1, answered: 0, failed: '',
      ended: false, in: { n: 0 }, out: { n: 2, text: 'hi' } },
  ],
  backend: { asked: 0, answered: 0, gone: false }, choices: [], waiting: [],
}

test('what belongs together stands in one row', () => {
  const rows = Object.fromEntries(rowsOf(state).map(row => [row.key, row]))
  assert.deepEqual(Object.keys(rows), ['top', 'client 1', 'client 2', 'backend'])
  const texts = parts => parts.map(({ text }) => text)
  assert.deepEqual(texts(rows['client 1'].kernel), ['established', '6 GET⏎·'])
  assert.deepEqual(texts(rows['client 1'].program), ['read(5, 4096) nothing has arrived'])
  assert.equal(rows['client 1'].program[0].state, 'blocked')
  assert.match(texts(rows['client 2'].kernel)[0], /accept queue, place 1/)
  assert.deepEqual(rows.top.kernel.find(({ kind }) => kind === 'queue').names, ['fast'])
  assert.equal(rows.backend.program[0].state, 'suspended')
  assert.equal(shown('a\r\n\tb\x01'), 'a⏎→b·')
})

test('what has changed is known by its words', () => {
  const later = structuredClone(state)
  later.files[1].in = { n: 0, text: '' }
  later.threads[0].ready = true
  const before = wordsOf(rowsOf(state)), now = wordsOf(rowsOf(later, state))
  const changed = [...now].filter(([key, text]) => before.get(key) !== text).map(([key]) => key)
  assert.deepEqual(changed, ['t1'])
  later.parked[0].state = 'ended'
  assert.ok(wordsOf(rowsOf(later, state)).has('p4'), 'one that has just ended is shown')
  assert.ok(!wordsOf(rowsOf(later, later)).has('p4'), 'and then no more')
})

test('lanes grow by a column a step', () => {
  const answered = structuredClone(state)
  Object.assign(answered.clients[0], { answered: 1, ended: true })
  answered.threads[0].began = false
  const moments = [{ brief: briefOf(state), take: '' }, { brief: briefOf(answered), take: 't1', again: true }]
  const lanes = lanesOf(moments)
  assert.deepEqual(lanes.map(({ key }) => key), ['t1', 'p4', 'p5', 'c1', 'c2'])
  assert.deepEqual(lanes[0].spans, [{ state: 'blocked', from: 0, to: 1 }, { state: 'running', from: 1, to: 2 }])
  assert.deepEqual(lanes[0].marks, [{ state: 'again', at: 1 }])
  assert.deepEqual(lanes[1].spans, [{ state: 'parked', from: 0, to: 2 }])
  assert.deepEqual(lanes[3].spans, [{ state: 'unanswered', from: 0, to: 1 }])
  assert.deepEqual(lanes[3].marks, [{ state: 'answered', at: 1 }])
  assert.deepEqual(lanes[4].spans, [{ state: 'queued', from: 0, to: 2 }])
})

test('the clock stands still while Go itself looks at it, and moves for a program that looks on and on', () => {
  const { imports, host } = wasi(['-addr', 'x']), { clock_time_get } = imports.wasi_snapshot_preview1
  host.memory = new WebAssembly.Memory({ initial: 1 })
  host.clock = 64
  const read = () => {
    clock_time_get(1, 0n, 8)
    return new DataView(host.memory.buffer).getBigUint64(8, true)
  }
  const first = read()
  assert.ok(first > 0n, 'the collector takes 0 for a time that was not noted')
  for (let i = 0; i < 1000; i++) read()
  assert.equal(read(), first)
  for (let i = 0; i < 10_000; i++) read()
  assert.ok(read() > first)
})
