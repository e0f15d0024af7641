// The page's connection to serve, as far as it needs no serve.
import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.document = { querySelector: () => null }
const { live } = await import('../lab/live.js')

// connected makes the page connected to a serve of the test, and returns what it is sent.
function connected(retry = async () => {}) {
  clearInterval(live.ticking)
  live.ticking = null
  const sent = [], socket = { send: text => sent.push(JSON.parse(text)), close() { this.gone = true } }
  Object.assign(live, {
    socket, retry, dialled: socket, silence: 0, kept: null, connecting: Promise.resolve(), state: 'may',
  })
  live.runs.clear()
  return { sent, socket }
}
const bench = () => ({ frames: [], frame({ type, text = '' }) { this.frames.push(type + text) } })

test('a bench gets the trace of its own run only', async () => {
  const { sent, socket } = connected(), one = bench(), other = bench()
  assert.equal(await live.trace(one), '')
  for (const bench of [one, other]) {
    await live.run(bench, { type: 'run' })
    live.receive(socket, { type: 'done', run: live.count })
  }
  assert.equal(await live.trace(one), '')
  const trace = live.trace(other)
  live.receive(socket, { type: 'trace', text: '{}' })
  assert.equal(await trace, '{}')
  assert.deepEqual(sent.map(({ type }) => type), ['run', 'run', 'trace'])
  await live.closed(socket)
  assert.equal(await live.trace(other), '')
  clearInterval(live.ticking)
})

test('a frame goes to the bench of its run, although another has begun since', async () => {
  const { socket } = connected(), one = bench(), other = bench()
  await live.run(one, {})
  const first = live.count
  await live.run(other, {})
  live.receive(socket, { type: 'done', run: first }) // it was under way
  live.receive(socket, { type: 'started', run: live.count })
  assert.deepEqual([one.frames, other.frames], [['done'], ['started']])
  await live.run(one, {})
  const again = live.count
  await live.run(one, {})
  live.receive(socket, { type: 'error', text: '', run: again })
  assert.deepEqual(one.frames, ['done']) // the bench runs again: the former run is nothing to it
  clearInterval(live.ticking)
})

test('stop names the run, and a run that serve has not been asked for ends at once', async () => {
  const { sent } = connected(), one = bench(), other = bench()
  await live.run(one, {})
  const run = live.count
  await live.run(other, {})
  live.stop(one)
  assert.deepEqual(sent.at(-1), { type: 'stop', run })
  let connect
  live.connecting = new Promise(resolve => { connect = resolve })
  const late = bench(), asked = live.run(late, {})
  live.stop(late)
  assert.deepEqual(late.frames, ['errorStopped.'])
  connect()
  await asked
  assert.notEqual(sent.at(-1).run, live.count)
  clearInterval(live.ticking)
})

test('a connection without a sign of life is given up, and a sleeping page is not', async t => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  const { sent, socket } = connected(), one = bench()
  await live.run(one, {})
  for (let i = 0; i < 3; i++) t.mock.timers.tick(1000)
  assert.equal(sent.at(-1).type, 'alive')
  live.receive(socket, { type: 'alive' })
  live.tick() // after hours of sleep it comes once
  assert.deepEqual(one.frames, [])
  for (let i = 0; i < 9; i++) t.mock.timers.tick(1000)
  await new Promise(setImmediate)
  assert.deepEqual(one.frames, ['errorserve does not answer. This run was cut off.'])
  assert.ok(socket.gone)
  live.receive(socket, { type: 'done', run: live.count }) // as if it woke up
  assert.equal(one.frames.length, 1)
  t.mock.timers.tick(1000)
  assert.equal(live.ticking, null) // a page without a run has no timer
})
