// The large counters of a stage: how many requests of each group of clients have been answered and how many have failed
// at the moment that is shown, counted from the marks.
import { el, say } from './dom.js'
import { number } from './format.js'
import { M, lastBefore } from './model.js'

// tally returns, for each group of clients that asks, {group, of, answered, failed} at t.
export const tally = (track, t) => sumsOf(track).map(({ group, of, ends, answered, failed }) => {
  const i = lastBefore(ends, t)
  return { group, of, answered: answered[i] ?? 0, failed: failed[i] ?? 0 }
})

// sumsOf returns, for each group that asks, the ends of its requests and how many were answered and failed by then.
// What was counted stays counted, if requests have only ended after it.
function sumsOf(track) {
  const { groups, clients, ends, lanes } = track
  let { sums } = track
  if (sums?.lanes !== lanes.length || ends[sums.n - 1] !== sums.last) {
    const all = groups.map(({ group, requests }) => ({ group, of: requests, ends: [], answered: [], failed: [] }))
    sums = track.sums = { lanes: lanes.length, n: 0, all }
  }
  for (; sums.n < ends.length; sums.n++) {
    const m = sums.last = ends[sums.n], { group } = lanes[m[M.LANE]], sum = sums.all.find(sum => sum.group === group)
    if (!sum) continue
    // A connection that breaks after the last reply is no request that failed: the number of its mark is too high.
    const each = Math.ceil(sum.of / clients.get(group)), n = Math.max(0, Math.min(m[M.COUNT], each - m[M.RESULT] + 1))
    for (const state of ['answered', 'failed']) {
      sum[state].push((sum[state].at(-1) ?? 0) + (m[M.STATE] === state ? n : 0))
    }
    sum.ends.push(m)
  }
  return sums.all
}

const words = ({ of, answered, failed }) => `${number(answered)} of ${number(of)}` +
  (failed ? `, ${number(failed)} failed` : '')

// Counters shows one card for each track: the group that matters first in large figures, the others in a line below.
export class Counters {
  constructor() { this.element = el('ul', { class: 'lab-counters', 'aria-label': 'Requests answered' }) }

  show(run) {
    this.cards = run.tracks.filter(({ groups }) => groups.length).map(card)
    this.element.replaceChildren(...this.cards.map(({ element }) => element))
  }

  // tell updates the figures to the moment t; without one, while the answer is covered, there are none.
  tell(t) {
    for (const card of this.cards) {
      const { track } = card, key = t === null ? '?' : lastBefore(track.ends, t) + ' ' + track.lanes.length
      if (card.key === key) continue
      card.key = key
      const [first, ...rest] = tally(track, t ?? -1)
      say(card.figure, t === null ? '?' : number(first.answered))
      say(card.of, ` of ${number(first.of)}`)
      say(card.what, ` ${first.group} answered`)
      say(card.failed, first.failed ? ` ${number(first.failed)} failed` : '')
      say(card.rest, t === null ? '' : rest.map(sum => `${sum.group}: ${words(sum)}`).join(' · '))
      for (const name of ['answered', 'failed']) {
        card.element.style.setProperty(`--${name}`, first[name] / first.of * 100 + '%')
      }
    }
  }
}

function card(track) {
  const [figure, of, what, failed, rest] = ['b', 'span', 'span', 'span', 'span'].map(tag => el(tag))
  figure.className = 'lab-figure'
  failed.className = 'lab-lost'
  rest.className = 'lab-rest'
  const element = el('li', { 'data-server': track.key },
    el('span', { class: 'lab-whose' }, track.name + ' '),
    el('span', { class: 'lab-count' }, figure, of, el('span', { class: 'lab-what' }, what, failed)),
    el('span', { class: 'lab-share', 'aria-hidden': 'true' }), rest)
  return { track, element, figure, of, what, failed, rest }
}
