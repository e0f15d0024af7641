import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import test from 'node:test'
import { Run } from '../lab/model.js'
import { unpack } from '../lab/unpack.js'
import { mark, server } from '../testdata/run.js'

globalThis.matchMedia = () => ({ matches: false })
const { tally } = await import('../lab/counters.js')

const connection = (id, group) => ({ id, kind: 'connection', name: group + id, group })
const end = (lane, at, state, request = 1, count = 1) => mark({ lane, at, state, result: request, count })

test('requests are counted by group, up to the moment that is shown', () => {
  const groups = [{ group: 'fast', requests: 4 }, { group: 'slow', requests: 1 }]
  const [track] = new Run([server()], groups).tracks
  track.add({
    lanes: [connection(0, 'fast'), connection(1, 'fast'), connection(2, 'slow'), { id: 3, kind: 'thread', name: 't' }],
    marks: [
      end(0, 10, 'answered'), end(0, 20, 'answered', 2), end(1, 20, 'failed', 1, 2), end(2, 30, 'answered'),
      end(0, 40, 'failed', 3), // the connection broke, after its last request
      mark({ lane: 0, at: 15, state: 'failed', call: 'write', errno: 'EPIPE' }), // a call, not a request
      mark({ lane: 3, at: 15, state: 'failed', call: 'accept' }),
    ],
  })
  const at = t => tally(track, t).map(({ group, of, answered, failed }) => [group, of, answered, failed])
  assert.deepEqual(at(9), [['fast', 4, 0, 0], ['slow', 1, 0, 0]])
  assert.deepEqual(at(10), [['fast', 4, 1, 0], ['slow', 1, 0, 0]])
  assert.deepEqual(at(20), [['fast', 4, 2, 2], ['slow', 1, 0, 0]])
  assert.deepEqual(at(99), [['fast', 4, 2, 2], ['slow', 1, 1, 0]])
})

test('at the end of every recorded run, the counters say what the result says', () => {
  const content = new URL('../../content/', import.meta.url)
  const names = readdirSync(content, { recursive: true }).filter(name => /recordings.[\w-]+\.json$/.test(name))
  let compared = 0
  for (const name of names) {
    const recording = JSON.parse(readFileSync(new URL(name, content)))
    if (!recording.tracks) continue // the matrix
    const { result } = recording
    const groups = Object.entries(result.servers[0].per_group)
      .map(([group, { requests: { answered, failed } }]) => ({ group, requests: answered + failed }))
      .filter(({ requests }) => requests)
    const run = Run.recorded({ recording: unpack(recording), result, rows: [], groups })
    run.tracks.forEach((track, i) => {
      for (const { group, answered, failed } of tally(track, run.length)) {
        const { requests } = result.servers[i].per_group[group]
        assert.deepEqual([answered, failed], [requests.answered, requests.failed], `${name} ${track.key} ${group}`)
        compared++
      }
    })
  }
  assert.ok(compared > 100, `only ${compared} groups were compared`)
})
