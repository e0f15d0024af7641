package timeline

import (
	"slices"

	"era/lab/recording"
	"era/runnable/kit/trace"
)

// Calls that a polling server repeats a million times a second are drawn as one mark for this long.
const mergeFor = 20_000_000 // ns

// detailed is how many marks a server may have before its quick calls are summed up as if it polled. A run of a few
// seconds has less, unless it is about how many calls are made.
const detailed = 100_000

// run is a mark that grows while the same call returns the same result.
type run struct{ recording.Mark }

type runKey struct {
	lane  int
	kind  trace.Kind
	errno int32
}

// quick draws a call that did not wait. Calls without a result, and a select that need not sleep, are what a loop can
// repeat without end: they are merged per lane, and so are all others when there are very many marks. Marks that stand
// for several calls may overlap each other.
func (tl *Timeline) quick(m recording.Mark, e trace.Event) {
	repeats := m.State == recording.Again || m.State == recording.Failed || choosing(e.Kind)
	if !repeats && len(tl.track.Marks) < detailed {
		tl.draw(m)
		return
	}
	if tl.full {
		return
	}
	key := runKey{m.Lane, e.Kind, e.Errno}
	r := tl.merging[key]
	if r != nil && m.At-r.At > mergeFor {
		tl.draw(r.Mark)
		*r = run{m}
		return
	}
	if r == nil && len(tl.merging) == maxMerging {
		tl.draw(m)
		return
	}
	if r == nil {
		tl.merging[key] = &run{m}
		return
	}
	r.Count++
	r.Took = m.At + m.Took - r.At
	if r.FD != m.FD {
		r.FD = -1
	}
	if r.Task != m.Task {
		r.Task = 0
	}
}

// Sum makes fewer marks of very many: quick calls of a lane that are alike become one that counts them, as in quick. It
// leaves the marks themselves as they are.
func Sum(marks []recording.Mark) []recording.Mark {
	return mergeWithin(slices.Clone(marks), mergeFor, func(m recording.Mark) bool {
		return m.Call != "" && (m.Took < waits || m.Count > 1)
	})
}

// flush draws the runs that began before the given time.
func (tl *Timeline) flush(before int64) {
	for key, r := range tl.merging {
		if r.At < before {
			tl.draw(r.Mark)
			delete(tl.merging, key)
		}
	}
}
