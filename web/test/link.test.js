import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.matchMedia = () => ({ matches: false })
const { linkTo, nsOf, partsOf, setupOf } = await import('../lab/link.js')

const own = { servers: ['blocking', 'select/python'], settings: { clients: 20, pause: 2000 } }
const knob = { unit: '', min: 1, max: 200, step: 1 }
const limits = {
  knobs: [{ ...knob, name: 'clients', label: 'clients' }, { ...knob, name: 'pause', label: 'pause', max: 9000 }],
  limits: [{ terms: [{ times: 1, of: ['clients', 'pause'] }], most: 100000, because: 'It is a test.' }],
}

test('a link has the name of an experiment, and servers, knobs or a moment', () => {
  for (const time of ['0.00s', '0.005123s', '1.90s', '61s']) {
    assert.deepEqual(partsOf('#lab-a-b@' + time), { name: 'a-b', query: undefined, time })
    assert.deepEqual(partsOf('#lab-a?clients=5@' + time), { name: 'a', query: 'clients=5', time })
    assert.ok(nsOf(time) >= 0)
  }
  assert.deepEqual(partsOf('#lab-a-b%402s'), { name: 'a-b', query: undefined, time: '2s' })
  assert.deepEqual(partsOf('#lab-a?servers=b%2Cc%402s'), { name: 'a', query: 'servers=b%2Cc', time: '2s' })
  assert.deepEqual(partsOf('#lab-a?clients=5'), { name: 'a', query: 'clients=5', time: undefined })
  for (const other of ['', '#lab-a', '#a@1s', '#key=1@2s', '#lab-@1s']) assert.equal(partsOf(other), null, other)
  for (const time of ['', 's', '1e3s', '-1s', '1', '1.s', '1.0000000001s', '999999s']) {
    assert.ok(Number.isNaN(nsOf(time)), time)
  }
})

test('a link leads back to what it was made of', () => {
  assert.equal(linkTo('a', own, own, null), '#lab-a')
  assert.equal(linkTo('a', own, own, 1903456789), '#lab-a@1.903457s')
  assert.equal(linkTo('a', own, own, 10e9), '#lab-a@10s')
  assert.equal(linkTo('a', own, own, 0), '#lab-a@0s')
  assert.equal(linkTo('a', own, own, 19e8, [{ at: 19e8, time: '1.90s' }]), '#lab-a@1.90s')
  const other = { servers: ['blocking'], settings: { clients: 5, pause: 2000 } }
  const link = linkTo('a', other, own, 5e8)
  assert.equal(link, '#lab-a?servers=blocking&clients=5&pause=2000@0.5s')
  const { query, time } = partsOf(link)
  assert.deepEqual(setupOf(query, own), other)
  assert.equal(nsOf(time), 5e8)
})

test('a link leaves as it is what it does not name', () => {
  assert.deepEqual(setupOf('clients=5', own), { servers: own.servers, settings: { clients: 5, pause: 2000 } })
  assert.deepEqual(setupOf('servers=threads/go', own), { servers: ['threads'], settings: own.settings })
  assert.deepEqual(own, { servers: ['blocking', 'select/python'], settings: { clients: 20, pause: 2000 } })
})

test('a link that makes no sense is refused, with a sentence', () => {
  const refused = (query, can) => setupOf(query, own, can, limits).wrong?.join(' ')
  assert.equal(refused('clients=5'), undefined)
  assert.equal(refused('clients=0'), 'Clients: from 1 to 200.')
  assert.equal(refused('clients=100&pause=2000'),
    'Clients: at most 50 with the other settings as they are. It is a test.')
  assert.equal(refused('clients=many'), 'The knob “clients” takes a whole number, not “many”.')
  for (const value of ['', '-5', '1.5', '1e3', '9'.repeat(10)]) {
    assert.match(refused('clients=' + value), /whole number/)
  }
  assert.equal(refused('constructor=5'), 'This experiment has no knob “constructor”.')
  assert.equal(refused('__proto__=5'), 'This experiment has no knob “__proto__”.')
  assert.equal(refused('servers='), 'No server “” can do this.')
  assert.equal(refused('servers=<img>'), 'No server “<img>” can do this.')
  assert.equal(refused('servers=blocking,threads', key => key === 'blocking'), 'No server “threads” can do this.')
  assert.equal(refused('servers=blocking,blocking/go'), 'The server “blocking” is there twice.')
  assert.equal(refused('servers=a,b,c,d,e'), 'At most 4 servers stand side by side.')
  assert.ok(refused('x'.repeat(1000) + '=1').length < 100)
  assert.ok(refused('a=1&b=1&c=1&d=1&'.repeat(1000)).length < 200)
})
