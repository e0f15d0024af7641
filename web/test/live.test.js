// The page's connection to serve, as far as it needs no serve.
import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.document = { querySelector: () => null }
const { live } = await import('../lab/live.js')

test('a bench gets the trace of its own run only', async () => {
  const sent = [], frame = () => {}, socket = { send: text => sent.push(JSON.parse(text).type) }
  const one = { frame }, other = { frame }
  Object.assign(live, { socket, retry: async () => {} })
  assert.equal(await live.trace(one), '')
  for (const bench of [one, other]) {
    live.bench = bench
    live.receive(socket, { type: 'done' })
  }
  assert.equal(await live.trace(one), '')
  const trace = live.trace(other)
  live.receive(socket, { type: 'trace', text: '{}' })
  assert.equal(await trace, '{}')
  assert.deepEqual(sent, ['trace'])
  await live.closed()
  assert.equal(await live.trace(other), '')
})
