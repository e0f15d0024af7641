package picture

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
func (p *Picture) quick(m recording.Mark, e trace.Event) {
	if m.State != recording.Again && m.State != recording.Failed && !choosing(e.Kind) {
		p.draw(m)
		return
	}
	if p.full {
		return
	}
	key := runKey{m.Lane, e.Kind, e.Errno}
	r := p.merging[key]
	if r != nil && m.At-r.At > mergeFor {
		p.draw(r.Mark)
		*r = run{m}
		return
	}
	if r == nil && len(p.merging) == maxMerging {
		p.draw(m)
		return
	}
	if r == nil {
		p.merging[key] = &run{m}
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
func (p *Picture) flush(before int64) {
	for key, r := range p.merging {
		if r.At < before {
			p.draw(r.Mark)
			delete(p.merging, key)
		}
	}
}
