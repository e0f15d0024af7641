import assert from 'node:assert/strict'
import test from 'node:test'
import { Index } from '../search/index.js'
import { grouped, inText, summary } from '../search/results.js'
import { pick, sentence } from '../search/sentence.js'
import { compoundsIn, distance, fold, hitsIn, stem, wordsIn } from '../search/words.js'

test('words are folded, and names with dots are several', () => {
  assert.equal(fold('Máy chủ đợi, ĐỒNG BỘ'), 'may chu doi, dong bo')
  assert.deepEqual(wordsIn('sys.Accept(fd), io_uring'), ['sys', 'accept', 'fd', 'io_uring'])
  assert.deepEqual(wordsIn(' … '), [])
  assert.deepEqual(compoundsIn('A Non-blocking call, 10-20'), ['nonblocking'])
})

test('hits are where the words stand, with their accents and hyphens', () => {
  const found = (text, ...words) => hitsIn(text, words).map(({ from, to }) => text.slice(from, to))
  assert.deepEqual(found('Waits, đợi, wait.', 'wait', 'doi'), ['đợi', 'wait'])
  assert.deepEqual(found('a non-blocking, blocking', 'nonblocking'), ['non-blocking'])
  assert.deepEqual(found('a non-blocking, blocking', 'blocking'), ['blocking', 'blocking'])
  assert.deepEqual(found('nothing'), [])
})

test('forms of a word have one stem', () => {
  for (const forms of ['wait waits waited waiting', 'serve serves served serving', 'stop stops stopped stopping']) {
    assert.equal(new Set(forms.split(' ').map(stem)).size, 1, forms)
  }
})

test('the distance of two words counts what is typed wrong', () => {
  for (const [a, b, want] of [
    ['accept', 'accept', 0], ['acept', 'accept', 1], ['acccept', 'accept', 1], ['accebt', 'accept', 1],
    ['accpet', 'accept', 1], ['corutin', 'coroutine', 2], ['select', 'accept', 3], ['a', 'accept', 3], ['', 'ab', 2],
  ]) {
    assert.equal(distance(a, b, 2), want, `${a} ${b}`)
    assert.equal(distance(b, a, 2), want, `${b} ${a}`)
  }
})

test('the sentence is the one with most of the words, and is cut around them', () => {
  const text = 'The first. The backlog is a queue. It is short: see C0.2.\n  line(queue)'
  assert.equal(sentence(text, ['backlog', 'queue']).text, 'The backlog is a queue.')
  assert.equal(sentence(text, ['line']).text, 'line(queue)')
  assert.equal(sentence(text, []).text, 'The first.')
  const long = sentence('word '.repeat(100) + 'backlog ' + 'word '.repeat(100), ['backlog'])
  assert.ok(long.text.length < 170 && long.text.startsWith('… ') && long.text.endsWith(' …'), long.text)
  assert.equal(long.text.slice(long.hits[0].from, long.hits[0].to), 'backlog')
})

test('words that stand together are better than the same words apart', () => {
  assert.equal(pick(['client, slow', 'a slow client', 'slow'], ['slow', 'client']), 1)
  assert.equal(pick(['none'], ['slow']), -1)
})

// pack is what site/search.go does.
function book(pages, hits) {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const number = n => n < 32 ? digits[n] : digits[32 + n % 32] + number(n >> 5)
  let packed = ''
  const words = Object.keys(hits).sort()
  for (const word of words) {
    let last = -1
    for (const unit of hits[word]) {
      packed += number(2 * (unit - last))
      last = unit
    }
    packed += number(0)
  }
  const code = [{ page: 'source/kit/sys/a.go.html', names: 'sys.Accept 7' }]
  return new Index({ quiet: 'the of', pages, words: words.map(word => 'A' + word).join(''), hits: packed, code })
}
const index = book([
  {
    page: 'one', number: '1', title: 'Sockets',
    units: [['c', 'Sockets', 'one'], ['sa', 'The backlog of a server'], ['xlab-a', 'One slow', 'one-slow']],
  },
  { page: 'two', number: '2', title: 'Many', units: Array.from({ length: 40 }, (_, i) => ['s' + i, 'Section ' + i]) },
], { queue: [1, 41], wait: [0, 1, 2, 3], waiting: [5], sys: [1], accept: [1] })
const names = found => found.places.map(({ unit }) => unit.names[0])

test('packed hits are those of the units, far apart as well', () => {
  assert.deepEqual(names(index.find('queue')), ['The backlog of a server', 'Section 39'])
})

test('a name comes before a word of the text, an exact word before others, and all words before some', () => {
  assert.deepEqual(names(index.find('backlog')), ['The backlog of a server'])
  assert.equal(names(index.find('one-slow'))[0], 'One slow')
  assert.equal(names(index.find('sys.Accept'))[0], 'sys.Accept')
  assert.equal(names(index.find('waiting'))[0], 'Section 3')
  assert.deepEqual(names(index.find('the queue of the backlog')), ['The backlog of a server'])
  assert.equal(index.find('queue xyzzy').isWhole, false)
  assert.equal(index.find('queue').isWhole, true)
  assert.deepEqual(index.find('xyzzy').places, [])
  assert.deepEqual(index.find('  '), { places: [], instead: [], isWhole: true })
})

test('what was typed wrong is found, and said', () => {
  const found = index.find('backlgo')
  assert.deepEqual([names(found), found.instead], [['The backlog of a server'], [['backlgo', 'backlog']]])
  assert.deepEqual(found.places[0].words, ['backlog'])
  assert.equal(names(index.find('waitqueue'))[0], 'The backlog of a server')
})

test('what is shown is the best, by page, and its count is said', () => {
  const found = index.find('section'), groups = grouped(found.places)
  assert.deepEqual(groups.map(({ page, places }) => [page, places.length]), [[1, 6]])
  assert.equal(summary(1, 1, 1), '1 place in 1 chapter.')
  assert.equal(summary(40, 2, 6), '40 places in 2 chapters. These are the best 6.')
})

test('an experiment has the blocks within it, a section all of its own', () => {
  const texts = [[['', 'first']], [['a', 'x'], ['lab-a', 'y'], ['lab-ab', 'z'], ['lab-a-title', 'w']]]
  const [, section, lab] = index.units
  assert.deepEqual(inText(section, texts), texts[1])
  assert.deepEqual(inText(lab, texts), [['lab-a', 'y'], ['lab-a-title', 'w']])
})
