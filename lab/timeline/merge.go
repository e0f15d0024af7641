package timeline

import (
	"era/lab/recording"
	"era/runnable/kit/trace"
)

// Calls that a polling server repeats a million times a second are drawn as one mark for this long.
const mergeFor = 20_000_000 // ns

// run is a mark that grows while the same call returns the same result.
type run struct{ recording.Mark }

type runKey struct {
	lane  int
	kind  trace.Kind
	errno int32
}

// quick draws a call that did not wait. Calls without a result, and a select that need not sleep, are what a loop can
// repeat without end: they are merged per lane. Marks that stand for several calls may overlap each other.
func (tl *Timeline) quick(m recording.Mark, e trace.Event) {
	if m.State != recording.Again && m.State != recording.Failed && !choosing(e.Kind) {
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

// flush draws the runs that began before the given time.
func (tl *Timeline) flush(before int64) {
	for key, r := range tl.merging {
		if r.At < before {
			tl.draw(r.Mark)
			delete(tl.merging, key)
		}
	}
}
