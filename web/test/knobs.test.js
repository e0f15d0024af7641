import assert from 'node:assert/strict'
import test from 'node:test'
import { inWords, unitOf, wrongs } from '../lab/knobs.js'

const idle = { name: 'idle', label: 'silent connections', unit: '', min: 0, max: 10000, step: 100 }
const active = { name: 'active', label: 'clients that keep asking', unit: '', min: 1, max: 200, step: 1 }
const size = { name: 'size', label: 'size of its reply', says: 'a reply of %s', unit: 'bytes', min: 65536, max: 1 << 25,
  step: 65536 }
const pause = { name: 'pause', label: 'the slow one\'s pause', says: 'the slow one pauses %s', unit: 'ms', min: 100,
  max: 10000, step: 100 }

test('what is set is said in words', () => {
  assert.equal(inWords(active, 20), '20 clients that keep asking')
  assert.equal(inWords(active, 1), 'clients that keep asking: 1')
  assert.equal(inWords(pause, 2000), 'the slow one pauses 2 s')
  assert.equal(inWords(pause, 250), 'the slow one pauses 250 ms')
  assert.equal(inWords(size, 8 << 20), 'a reply of 8 MiB')
  assert.equal(inWords({ name: 'chunks', label: 'in chunks', min: 0, max: 1 }, 0), '')
  assert.deepEqual(unitOf(size), ['KiB', 1024])
})

test('a knob refuses what makes no sense, in the words of its label', () => {
  const scenario = { knobs: [active, pause, size], limits: [] }, sense = { active: 20, pause: 2000, size: 65536 }
  const refused = (name, value) => wrongs(scenario, { ...sense, [name]: value }, 2).get(name)
  assert.equal(wrongs(scenario, sense, 2).size, 0)
  assert.equal(refused('active', 0), 'Clients that keep asking: from 1 to 200.')
  assert.equal(refused('active', NaN), 'Clients that keep asking: a whole number from 1 to 200.')
  assert.equal(refused('active', 1.5), 'Clients that keep asking: a whole number from 1 to 200.')
  assert.equal(refused('pause', 99), 'The slow one\'s pause: from 100 to 10,000 ms.')
  assert.equal(refused('size', 1024), 'Size of its reply: from 64 to 32,768 KiB.')
})

test('knobs that make too much together: the last changed says how much it may be', () => {
  const terms = [{ times: 1, of: ['idle'] }, { times: 1, of: ['active'] }, { times: 0 }]
  const limit = { terms, most: 19800, each_server: true, because: 'Descriptors.' }
  const scenario = { knobs: [idle, active], limits: [limit] }
  const full = { idle: 10000, active: 50 }
  assert.equal(wrongs(scenario, full, 1).size, 0)
  assert.deepEqual([...wrongs(scenario, full, 2, 'idle')],
    [['idle', 'Silent connections: at most 9,850 with 2 servers. Descriptors.']])
  assert.deepEqual([...wrongs(scenario, full, 2, 'active')],
    [['active', 'Clients that keep asking: too many in any case with 2 servers. Descriptors.']])
  assert.deepEqual([...wrongs(scenario, full, 2).keys()], ['idle'], 'after a server was added')
  assert.equal(wrongs(scenario, { idle: 9850, active: 50 }, 2).size, 0)
})
