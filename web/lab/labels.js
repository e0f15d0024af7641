// Labels name states, calls and ends where they happen on a picture. labelsOf chooses them from the marks: as many as
// fit, the long and the first of each kind first. None lies on another, on a moment, or where a bar begins or ends.
import { states } from './data.js'
import { number } from './format.js'
import { named } from './layout.js'
import { M, endOf, lastBefore } from './model.js'
import { pileOf, step } from './shares.js'
import { labels, times } from './words.js'

export const labelHeight = 16 // px
const pad = 4, reach = 6 // px: beside a text; from a moment to the end of its glyph
const beside = reach + 1 // px, from a moment to its label
const close = 1e8 // ns, the longest view that names calls
const widest = 12, most = 300 // bars of a lane that may get a label, calls of a lane that are looked at
const nouns = { connection: 'clients', thread: 'threads', task: 'tasks', coroutine: 'coroutines' }

// labelsOf returns {key, text, x, y, w, at, lane, mark} of each label: w wide from x and labelHeight high from y; at is
// the moment from which it is true, mark what it names, if that is one mark. picture has rows, x, gutter, width and
// calls; measure returns the width of a text; former are the labels until now, which go first if they still fit.
export function labelsOf(picture, view, now, measure, former = []) {
  const scene = new Scene(picture, view, now), before = new Set(former.map(label => label.key))
  const wanted = [...scene.wanted()].filter(({ key }) => key)
  for (const label of wanted) if (before.has(label.key)) label.rank += 1000
  wanted.sort((a, b) => b.rank - a.rank)
  const placed = new Map()
  for (const label of wanted) {
    if (!placed.has(label.key)) place(label, scene, measure, placed)
  }
  return [...placed.values()]
}

// place puts a label where it fits first: the longest of its texts, in the best of its spots.
function place({ key, texts, spots, fits, at, lane, mark }, scene, measure, placed) {
  for (const text of texts) {
    const w = Math.ceil(measure(text)) + 2 * pad
    for (const [x, y] of spots(w)) {
      const box = { x, y, w }
      if (!scene.within(box) || [...placed.values()].some(other => overlap(box, other)) || !fits(box)) continue
      placed.set(key, { key, text, ...box, at: at ?? scene.time(x), lane, mark })
      return
    }
  }
}

const overlap = (a, b) =>
  a.x < b.x + b.w + pad && b.x < a.x + a.w + pad && a.y < b.y + labelHeight && b.y < a.y + labelHeight

// endsOf returns the marks at which lanes of a fold ended, or had their replies, in their order; on the lanes of
// clients there are the server's calls as well.
const endsOf = (track, { key, lanes }) => lanes[0]?.kind === 'connection'
  ? track.ends.filter(m => track.lanes[m[M.LANE]].fold === key)
  : lanes.flatMap(lane => lane.ends.filter(m => !m[M.CALL])).sort((a, b) => a[M.AT] - b[M.AT])

// fromMiddle are the numbers from 0 to n-1, those in the middle first.
const fromMiddle = n => Array.from({ length: n }, (_, i) => i).sort((a, b) => Math.abs(a - n / 2) - Math.abs(b - n / 2))

// Scene is what labels are chosen from and must leave free.
class Scene {
  constructor(picture, view, now) {
    Object.assign(this, { picture, view, now, left: picture.gutter + 2, right: picture.width - 10 })
    this.lanes = picture.rows.filter(row => row.kind === 'lane')
    this.marks = new Map()
    this.bottom = Math.max(0, ...picture.rows.map(row => row.y + row.h))
  }
  x(t) { return this.picture.x(t, this.view) }
  time(x) { return this.picture.time(x, this.view) }
  within({ x, y, w }) { return x >= this.left && x + w <= this.right && y >= 0 && y + labelHeight <= this.bottom + 2 }

  // marksOf returns the marks of a lane as they are drawn.
  marksOf(lane) {
    if (!this.marks.has(lane)) {
      const open = lane.open.filter(m => lane.list(m) === 'calls'), all = this.picture.calls(lane, this.view)
      const calls = open.length ? all.concat(open) : all
      this.marks.set(lane, { bars: lane.all('bars'), held: lane.all('held'), calls })
    }
    return this.marks.get(lane)
  }
  // inView returns the marks of a list that begin in the view, and the one before; none if there are more than most.
  inView(list, most = Infinity) {
    const first = Math.max(0, lastBefore(list, this.view.from)), last = lastBefore(list, this.view.to) + 1
    return last - first > most ? [] : list.slice(first, last)
  }

  // free reports whether nothing begins or ends under a box: what lies there goes on at both sides of it.
  free(box) {
    const { x, w } = box, from = this.time(x), to = this.time(x + w)
    return this.under(box).every(({ lane }) => {
      const { bars, held, calls } = this.marksOf(lane)
      return !this.changes(bars, from, to) && !this.changes(held, from, to) &&
        !this.changes(calls, this.time(x - reach), this.time(x + w + reach))
    })
  }
  // under returns the rows of the lanes that a box lies on.
  under({ y }) { return this.lanes.filter(row => row.y < y + labelHeight && y < row.y + row.h) }
  changes(list, from, to) {
    let i = lastBefore(list, to)
    if (i >= 0 && list[i][M.AT] > from) return true
    for (let tries = 0; i >= 0 && tries < 4; i--, tries++) {
      const end = endOf(list[i], this.now)
      if (end > from && end < to) return true
    }
    return false
  }
  // all reports whether all lanes under a box are in a state all the time.
  all(box, state) {
    const rows = this.under(box)
    return rows.length > 0 && rows.every(({ lane }) => {
      const bar = lane.bar(this.time(box.x))
      return bar?.[M.STATE] === state && endOf(bar, this.now) >= this.time(box.x + box.w)
    })
  }

  // wanted yields all labels that the view could have: {key, rank, texts, spots, fits}, and what they name.
  * wanted() {
    let fold = null
    for (const row of this.picture.rows) {
      if (row.kind === 'fold') {
        fold = row
        if (row.open) yield* this.open(row)
        else yield* this.closed(row)
      } else if (row.kind === 'lane' && row.h >= named) {
        const alike = fold?.lanes.includes(row.lane) ? fold.key : row.lane.kind + row.lane.group
        yield* this.bars(row, alike)
        yield* this.moments(row, alike)
      }
    }
  }

  // bars yields labels for the longest bars of a lane.
  * bars({ lane, y, h }, alike) {
    const long = []
    for (const m of this.inView(this.marksOf(lane).bars)) {
      const from = Math.max(this.left, this.x(m[M.AT])), to = Math.min(this.right, this.x(endOf(m, this.now)))
      if (to - from > 30) long.push({ m, from, to, size: to - from })
    }
    const seen = new Set()
    for (const { m, from, to, size } of long.sort((a, b) => b.size - a.size).slice(0, widest)) {
      const texts = labels(lane, m, this.clientOf(lane, m)), first = !seen.has(m[M.STATE])
      seen.add(m[M.STATE])
      yield {
        key: alike + (m[M.STATE] === 'parked' ? m[M.ERRNO] : texts[0]), // one descriptor is like another
        rank: (first ? 60 : 20) + Math.min(size / 20, 30), texts, lane, mark: m,
        spots: w => [from + 4, from + 24, (from + to - w) / 2, to - w - 4]
          .filter(x => x >= from && x + w <= to).map(x => [x, y + (h - labelHeight) / 2]),
        fits: box => this.free(box),
      }
    }
  }
  // clientOf names the client on whose connection a thread sleeps: the same call is drawn on the client's lane.
  clientOf(lane, m) {
    if (lane.kind !== 'thread') return ''
    const of = lane.track?.task(m)
    if (of) return of.name.split(' · ')[1]
    if (m[M.STATE] !== 'blocked') return ''
    const same = held => held[M.AT] === m[M.AT] && held[M.FD] === m[M.FD] && held[M.CALL] === m[M.CALL]
    for (const other of lane.track?.holding ?? []) {
      const i = lastBefore(other.held, m[M.AT])
      if (i >= 0 && same(other.held[i]) || other.open.some(same)) return other.name
    }
  }

  // moments yields labels for how a lane ended, and for calls that stand alone.
  * moments({ lane, y, h }, alike) {
    const all = this.inView(this.marksOf(lane).calls, most)
    const alone = i => [i - 1, i + 1].every(j => !all[j] || Math.abs(this.x(all[j][M.AT]) - this.x(all[i][M.AT])) > 20)
    for (const [i, m] of all.entries()) {
      const end = states[m[M.STATE]].end && m[M.LANE] === lane.id && (lane.kind === 'thread' || !m[M.CALL])
      if (!end && (lane.kind !== 'thread' || this.view.span > close || !alone(i))) continue
      const from = this.x(m[M.AT]), to = Math.max(from, this.x(endOf(m, this.now))), texts = labels(lane, m)
      const middle = y + (h - labelHeight) / 2
      yield {
        key: alike + texts[0], rank: end ? 50 : 10, texts, lane, mark: m, at: m[M.AT],
        spots: w => [...(to - from > w ? [from + 4] : []), to + beside, from - beside - w].map(x => [x, middle]),
        fits: box => this.free(box),
      }
    }
  }

  // open yields labels for lanes that have no room for one each: for all that are in one state, and for how they ended.
  * open(fold) {
    const rows = this.lanes.filter(row => row.h < named && fold.lanes.includes(row.lane))
    if (!rows.length) return
    const pair = i => Math.max(fold.y, rows[i].y + rows[i].h - labelHeight)
    for (const { texts, state, from, to } of this.sums(fold)) {
      yield {
        key: fold.key + state, rank: 100, texts,
        spots: w => [from + 4, (from + to - w) / 2, to - w - 4].flatMap(x =>
          fromMiddle(rows.length).map(i => [x, pair(i)])),
        fits: box => this.all(box, state) && this.free(box),
      }
    }
    for (const { word, all } of this.ends(fold)) {
      const mark = all.at(-1), lane = this.picture.track.lanes[mark[M.LANE]], to = this.x(mark[M.AT])
      const last = rows.findIndex(row => row.lane === lane)
      const order = [last, ...fromMiddle(rows.length)].filter(i => i >= 0)
      yield {
        key: fold.key + word, rank: 80, texts: [times(word, all.length)], at: mark[M.AT], mark, lane,
        spots: w => [to + beside, to - beside - w].flatMap(x => order.map(i => [x, pair(i)])),
        fits: box => this.free(box),
      }
    }
  }

  // closed yields the same for a sum.
  * closed(fold) {
    const { y, h, lanes } = fold
    let base
    const bands = pileOf(this.picture, fold, this.view, this.now).map(({ state, counts }) => {
      base ??= new Float64Array(counts.length)
      const low = base
      base = base.map((n, i) => Math.min(h, n + counts[i] / lanes.length * h))
      return { state, low, high: base }
    })
    const ends = this.ends(fold)
    const columns = ({ x, w }) => [x, x + w].map(x => Math.round((x - this.picture.gutter) / step))
    const between = ({ low, high }, box) => {
      const [i, j] = columns(box)
      return [Math.max(...low.subarray(i, j)), Math.min(...high.subarray(i, j))]
    }
    const far = (all, { x, w }) => {
      const i = lastBefore(all, this.time(x + w + reach))
      return i < 0 || all[i][M.AT] < this.time(x - reach)
    }
    const clear = box => box.y > y + 12 || ends.every(({ all }) => far(all, box))
    for (const { texts, state, from, to } of this.sums(fold)) {
      const own = bands.find(band => band.state === state)
      // In its band if that is high enough, otherwise above all of them.
      const spotAt = (x, w) => {
        const [low, high] = between(own, { x, w }), top = Math.max(...base.subarray(...columns({ x, w })))
        return [x, y + h - (high - low >= labelHeight ? (low + high + labelHeight) / 2 : top + labelHeight + 1)]
      }
      yield {
        key: fold.key + state, rank: 100, texts,
        spots: w => [from + 4, (from + to - w) / 2, to - w - 4].map(x => spotAt(x, w)),
        fits: box => box.y >= y && clear(box),
      }
    }
    for (const { word, all } of ends) {
      for (const some of this.clusters(all)) {
        const [from, to] = [some[0], some.at(-1)].map(mark => this.x(mark[M.AT]))
        const last = some.at(-1) === all.at(-1), texts = last ? [times(word, all.length)] : []
        if (some.length > 1 && to - from < 2 * reach) texts.push('×' + number(some.length)) // one sign stands for all
        yield {
          key: fold.key + word + (last ? '' : from), rank: last ? 80 : 70, texts, at: some.at(-1)[M.AT],
          spots: w => [[to + beside, y], [from - beside - w, y]], fits: clear,
        }
      }
    }
  }

  // sums returns for each state when the most lanes of a fold are in it, from the place of that moment to where a
  // quarter of them have left it.
  sums(fold) {
    const { lanes } = fold, kind = lanes[0]?.kind
    return pileOf(this.picture, fold, this.view, this.now, true).flatMap(({ state, counts }) => {
      const n = Math.max(...counts), { many } = states[state]
      if (!many || n < 2) return []
      const first = counts.indexOf(n)
      let last = first
      while (last + 1 < counts.length && counts[last + 1] >= n * 0.75) last++
      const from = this.picture.gutter + first * step, to = this.picture.gutter + last * step
      const within = this.callOf(lanes, state, this.time(from))
      const text = `${number(n)} ${many}${within}`
      return [{ state, from, to, texts: [text.replace(' ', ` ${nouns[kind]} `), text] }]
    })
  }
  // callOf names the call in which all lanes that are in a state at t are, if it is one.
  callOf(lanes, state, t) {
    const bars = lanes.map(lane => lane.bar(t)).filter(bar => bar?.[M.STATE] === state)
    const calls = new Set(bars.map(bar => bar[M.CALL])), [call] = calls
    return calls.size === 1 && call ? ' in ' + call : ''
  }

  // ends returns how lanes of a fold ended in the view: for each word all marks, in their order. The word of the first
  // lane comes first.
  ends(fold) {
    const { track } = this.picture, words = new Map(), alike = new Map()
    for (const mark of endsOf(track, fold)) {
      if (mark[M.AT] < this.view.from || mark[M.AT] > this.view.to) continue
      const lane = mark[M.LANE], why = mark[M.STATE] + mark[M.ERRNO]
      if (!words.has(why)) words.set(why, labels(track.lanes[lane], mark)[0])
      const word = words.get(why)
      if (!alike.has(word)) alike.set(word, { word, all: [], lane })
      const same = alike.get(word)
      same.all.push(mark)
      same.lane = Math.min(same.lane, lane)
    }
    return [...alike.values()].sort((a, b) => a.lane - b.lane)
  }
  // clusters divides moments where nothing happens for a while.
  clusters(all) {
    const clusters = []
    for (const one of all) {
      const last = clusters.at(-1)
      if (last && this.x(one[M.AT]) - this.x(last.at(-1)[M.AT]) < 3 * reach) last.push(one)
      else clusters.push([one])
    }
    return clusters
  }
}
