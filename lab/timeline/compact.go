package timeline

import (
	"slices"

	"era/lab/recording"
)

// Compact makes a track small enough to keep: about limit marks. It gives up detail step by step: first what another
// lane also shows, then single quick calls for marks that count them and short rests of tasks, then the shortest marks.
// The states of connections and the ends of tasks all stay, and if they alone are too many, threads and tasks still
// keep a share. It returns how many calls are no longer shown.
func Compact(t recording.Track, limit int) (recording.Track, int64) {
	small := recording.Track{Lanes: t.Lanes, Sites: t.Sites, Marks: slices.Clone(t.Marks), Told: t.Told, Died: t.Died}
	if len(small.Marks) <= limit {
		return small, 0
	}
	thread, connection := make([]bool, len(t.Lanes)), make([]bool, len(t.Lanes))
	others, states := 0, 0
	for _, l := range t.Lanes {
		thread[l.ID], connection[l.ID] = l.Kind == "thread", l.Kind == "connection"
		if !connection[l.ID] {
			others++
		}
	}
	stays := func(m recording.Mark) bool {
		return m.Call == "" && (connection[m.Lane] || !thread[m.Lane] && m.Took == 0)
	}
	for _, m := range t.Marks {
		if stays(m) {
			states++
		}
	}
	limit = max(limit, states+limit/4, states+2*others)
	const ms = 1_000_000
	small.Marks = slices.DeleteFunc(small.Marks, func(m recording.Mark) bool { // they are also on the threads' lanes
		return connection[m.Lane] && m.Call != "" && (m.Took < ms || m.Count > 1)
	})
	for _, d := range []int64{2 * ms, 5 * ms, 10 * ms, 20 * ms, 50 * ms, 100 * ms} {
		if len(small.Marks) <= limit {
			return small, 0
		}
		small.Marks = slices.DeleteFunc(small.Marks, func(m recording.Mark) bool { // running: between two calls
			return thread[m.Lane] && m.State == recording.Running && m.Took < d/4
		})
		small.Marks = withoutRests(small.Marks, d/4, func(lane int) bool { return !thread[lane] && !connection[lane] })
		small.Marks = mergeWithin(small.Marks, d, func(m recording.Mark) bool {
			return thread[m.Lane] && m.Call != "" && (m.Took < d/4 || m.Count > 1)
		})
	}
	var gone int64
	if over := len(small.Marks) - limit; over > 0 { // the shortest marks of threads and tasks are dropped
		var took []int64
		for _, m := range small.Marks {
			if !stays(m) && !connection[m.Lane] {
				took = append(took, m.Took)
			}
		}
		slices.Sort(took)
		least := int64(0)
		if len(took) > 0 {
			least = took[min(over, len(took)-1)]
		}
		small.Marks = slices.DeleteFunc(small.Marks, func(m recording.Mark) bool {
			drop := !stays(m) && !connection[m.Lane] && m.Took < least && over > 0
			if drop {
				over--
				if m.Call != "" {
					gone += int64(m.Count)
				}
			}
			return drop
		})
	}
	return small, gone
}

// mergeWithin merges the marks of one lane, state, call and error number that begin within d of the first. It works in
// place: there may be hundreds of thousands.
func mergeWithin(marks []recording.Mark, d int64, may func(recording.Mark) bool) []recording.Mark {
	type key struct {
		lane        int
		state       recording.State
		call, errno string
	}
	open := map[key]int{}
	merged := marks[:0]
	for _, m := range marks {
		if !may(m) {
			merged = append(merged, m)
			continue
		}
		k := key{m.Lane, m.State, m.Call, m.Errno}
		at, known := open[k]
		if !known || m.At-merged[at].At > d || m.At < merged[at].At {
			open[k] = len(merged)
			merged = append(merged, m)
			continue
		}
		into := &merged[at]
		into.Count += m.Count
		into.Took = max(into.Took, m.At+m.Took-into.At)
		if into.FD != m.FD {
			into.FD = -1
		}
		if into.Task != m.Task {
			into.Task = 0
		}
	}
	return merged
}

// withoutRests merges steps of a task into one mark that counts them, if the task was parked for less than d between
// them. It works in place.
func withoutRests(marks []recording.Mark, d int64, task func(lane int) bool) []recording.Mark {
	kept := marks[:0]
	last := map[int]int{}             // the last running mark of each lane, as an index of those kept
	rests := map[int]recording.Mark{} // short, since then
	for _, m := range marks {
		switch at, ran := last[m.Lane]; {
		case !task(m.Lane):
			kept = append(kept, m)
		case ran && (m.State == recording.Parked || m.State == recording.Backpressure) && m.Took < d:
			rests[m.Lane] = m
		case ran && m.State == recording.Running && rests[m.Lane].Took > 0:
			kept[at].Count += m.Count
			kept[at].Took = m.At + m.Took - kept[at].At
			delete(rests, m.Lane)
		default:
			if rest, is := rests[m.Lane]; is { // nothing ran after it
				kept = append(kept, rest)
				delete(rests, m.Lane)
			}
			if delete(last, m.Lane); m.State == recording.Running {
				last[m.Lane] = len(kept)
			}
			kept = append(kept, m)
		}
	}
	for _, rest := range rests {
		kept = append(kept, rest)
	}
	return kept
}
