// The rows of a picture: the place and the height of each lane. The lab decides which rows there are, in which order,
// which of them can be folded, and which are open at first. With very many lanes an open row shows the sum, and the
// slowest.
import { number } from './format.js'
import { foldOf } from './model.js'

export const many = 300 // lanes of a group; from here on they are summed up even when the group is open
export const named = 12 // px: a lower lane has no room for its name, and its group's stands beside all of them
const slowest = 12 // the slowest lanes, which are drawn all the same
const line = 14, head = 25, shares = 92 // px: of a folded row's label, the head of an open one, the sum of very many
const covered = 26 // px, a row of which nothing is told yet

// Heights in px by the number of lanes.
const heights = {
  thread: [[4, 22], [8, 14], [40, 8], [100, 4], [many, 2]],
  task: [[4, 15], [8, 14], [40, 8], [64, 6], [150, 3], [many, 2]], // and a connection
}

// rowsOf returns the rows of a track, each with its lanes. A lane that the lab has not yet put into a row is left out.
function rowsOf(track) {
  const lanes = new Map(track.rows.map(row => [foldOf(row), []]))
  for (const lane of track.lanes) if (lane) lanes.get(lane.fold)?.push(lane)
  return track.rows.map(row => ({ ...row, key: foldOf(row), lanes: lanes.get(foldOf(row)) }))
}

// layout returns {rows, height}; chosen says of folds whether the reader opened or closed them.
export function layout(track, now, chosen = new Map()) {
  const rows = []
  let y = 6, last = ''
  const place = (lanes, h, gap) => {
    for (const lane of lanes) {
      rows.push({ kind: 'lane', lane, y, h })
      y += h + gap
    }
  }
  for (const { key, kind, lanes, fold: folds, open: opens, label, plain } of rowsOf(track)) {
    const n = lanes.length
    if (last && last !== kind) y += 5
    last = kind
    const size = (heights[kind] || heights.task).find(([most]) => n <= most)?.[1]
    if (!folds) {
      place(lanes, size, 2)
      continue
    }
    const open = chosen.get(key) ?? !!opens, beside = open && size < named
    const low = (kind === 'connection' ? 3 : 2) * line + 4 // clients are counted in two lines more
    const above = open && !beside
    const fold = { kind: 'fold', key, lanes, y, h: above ? head : low, open, head: above, label, plain }
    rows.push(fold)
    if (beside) {
      place(lanes, size, 1)
      y = Math.max(y, fold.y + low) + 4
      continue
    }
    y += fold.h + 3
    if (!open) continue
    if (n <= many) {
      place(lanes, size, 2)
    } else {
      const shown = new Set(costliest(lanes, now))
      rows.push({ kind: 'shares', key, lanes, y, h: shares, label: number(n - shown.size) + ' similar' })
      y += shares + 6
      place(lanes.filter(lane => shown.has(lane)), named, 2)
    }
    y += 6
  }
  return { rows, height: Math.max(y + 4, 48) }
}

// coveredLayout returns rows that tell nothing of what happened: their number, names and heights are those of any run.
export function coveredLayout(track) {
  const labels = [...new Set(track.rows.map(row => row.plain))]
  const rows = labels.map((label, i) => ({ kind: 'covered', label, y: 6 + i * covered, h: covered - 2 }))
  return { rows, height: 10 + Math.max(labels.length, 2) * covered }
}

// costliest returns the lanes that failed, and those that waited longest, up to a number.
function costliest(lanes, now) {
  const costs = new Map(lanes.map(lane => [lane, lane.cost(now)]))
  return [...lanes].sort((a, b) => costs.get(b) - costs.get(a)).slice(0, slowest)
}
