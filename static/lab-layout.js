// The rows of a picture: which lane lies where, and how high it is. Few lanes are high and named; hundreds are thin;
// more are summed up, and only the slowest are drawn by themselves.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const M = era.M

  const many = era.many = 300 // lanes of a kind; from here on they are summed up
  const slowest = 12 // of them are drawn all the same
  const shares = 92 // px, the height of the sum

  // Heights in px by the number of lanes.
  const threadHeights = [[4, 22], [12, 13], [40, 8], [100, 4], [many, 2]]
  const connectionHeights = [[12, 15], [24, 12], [40, 9], [64, 7], [150, 3], [many, 2]]

  // layout gives {rows, height}: threads above, then connections group by group.
  era.layout = (track, now) => {
    const lanes = track.lanes.filter(Boolean), rows = []
    const threads = lanes.filter(lane => lane.kind !== 'connection')
    const connections = byGroup(lanes.filter(lane => lane.kind === 'connection'))
    let y = 6
    const place = (list, h, gap) => {
      for (const lane of list) {
        rows.push({ kind: 'lane', lane, y, h })
        y += h + gap
      }
    }
    const rowsOf = (list, heights) => {
      if (list.length <= many) {
        const [, h] = heights.find(([most]) => list.length <= most)
        return place(list, h, h < 7 ? 1 : 2)
      }
      const shown = new Set(rank(list, now).slice(0, slowest))
      rows.push({ kind: 'shares', lanes: list, y, h: shares, label: era.number(list.length - shown.size) + ' similar' })
      y += shares + 6
      place(list.filter(lane => shown.has(lane)), 11, 2)
    }
    rowsOf(threads, threadHeights)
    if (threads.length && connections.length) y += 7
    rowsOf(connections, connectionHeights)
    return { rows, height: Math.max(y + 4, 48) }
  }

  function byGroup(lanes) {
    const groups = new Map()
    for (const lane of lanes) {
      if (!groups.has(lane.group)) groups.set(lane.group, [])
      groups.get(lane.group).push(lane)
    }
    return [...groups.values()].flat()
  }

  // rank puts the lanes first that failed, then those that waited longest.
  function rank(lanes, now) {
    const cost = new Map(lanes.map(lane => {
      let ns = lane.calls.some(m => m[M.STATE] === 'failed') ? 1e15 : 0
      for (const m of lane.all('bars')) if (m[M.STATE] !== 'idle') ns += era.end(m, now) - m[M.AT]
      return [lane, ns]
    }))
    return [...lanes].sort((a, b) => cost.get(b) - cost.get(a) || a.id - b.id)
  }
})()
