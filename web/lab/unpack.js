// The lanes and marks of a recording arrive as columns, because there are many: common values occur once, in kinds, and
// numbers are texts in Base64 VLQ, as in source maps. lab/recording/pack.go writes them.
import { M } from './model.js'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = []
for (let i = 0; i < 64; i++) values[digits.charCodeAt(i)] = i

// numbers reads a column. It shifts no bits: times have more than 32 of them.
function numbers(text) {
  const all = []
  for (let i = 0, n = 0, scale = 1; i < text.length; i++) {
    const value = values[text.charCodeAt(i)]
    n += (value & 31) * scale
    scale *= 32
    if (value > 31) continue
    all.push(n % 2 ? (1 - n) / 2 : n / 2)
    n = 0
    scale = 1
  }
  return all
}

// unpack returns a recording as Run.recorded takes it.
export const unpack = recording => ({ ...recording, tracks: recording.tracks.map(unpackTrack) })

function unpackTrack({ lanes, marks, ...rest }) {
  const kinds = numbers(lanes.kind)
  const [kind, lane, end, took, fd, result, count, task] =
    ['kind', 'lane', 'end', 'took', 'fd', 'result', 'count', 'task'].map(name => numbers(marks[name]))
  let now = 0
  return {
    ...rest,
    lanes: lanes.names.map((name, id) => ({ ...lanes.kinds[kinds[id]], id, name })),
    marks: kind.map((k, i) => {
      const of = marks.kinds[k]
      now += end[i]
      const mark = [
        lane[i], now - took[i], took[i], of[M.STATE], of[M.CALL], fd[i], result[i], of[M.ERRNO], count[i], of[M.SITE],
      ]
      if (task[i]) mark.push(task[i])
      return mark
    }),
  }
}
