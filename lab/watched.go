package lab

import (
	"slices"

	"era/lab/timeline"
	"era/runnable/kit/trace"
)

// ring is how many unread events a trace can hold: a server that polls makes a million a second.
const ring = 1 << 17

// watched is a server as its trace shows it: the trace, as far as it is believed, and the timeline made of it.
type watched struct {
	reader   *trace.Reader // nil: this server is not traced
	sites    *sites
	timeline *timeline.Timeline
	gaps     gaps
	created  int64         // when the trace was made, on its clock
	files    int           // descriptors that the server may have
	doubt    string        // why the trace is not believed; "" while it is
	unread   int64         // events that came after the doubt
	diedAt   int64         // ns since the experiment began; 0 while the server lives
	inCall   []trace.Event // when it was last looked at: at the end, those that have not returned
}

// drain empties the ring. A busy server fills it meanwhile, so the number of rounds is limited.
func (w *watched) drain() {
	if w.reader == nil {
		return
	}
	seen := trace.Now()
	for range ring {
		e, ok := w.reader.Next()
		if !ok {
			if w.diedAt == 0 || !w.reader.Skip() { // a place that a dead writer claimed stays unfinished
				return
			}
			continue
		}
		if e.At > seen || e.Took > seen-e.At {
			seen = trace.Now()
		}
		if w.doubt == "" {
			w.doubt = w.impossible(e, int64(seen))
		}
		if w.doubt != "" {
			w.unread++
			continue
		}
		e = happened(e, seen)
		w.gaps.add(e)
		w.timeline.Server(e)
	}
}

// happened returns the event without the part that lies in the future: the server's clock may be some ns ahead of ours.
func happened(e trace.Event, now uint64) trace.Event {
	e.At = min(e.At, now)
	e.Took = min(e.Took, now-e.At)
	return e
}

// calls empties the ring and returns the calls that the server's threads are in. Otherwise a call that returns between
// the two would be in neither, and its thread would seem to have been running instead.
func (w *watched) calls() []trace.Event {
	if w.reader == nil || w.doubt != "" {
		return nil
	}
	inCall := w.reader.InCall()
	w.drain()
	now := int64(trace.Now())
	return slices.DeleteFunc(inCall, func(e trace.Event) bool {
		return w.gaps.ended[e.Thread] > e.At || w.impossible(e, now) != ""
	})
}

// dropped returns how many events are not in the timeline: those that found the ring or the timeline full, and those of
// a trace that is not believed.
func (w *watched) dropped() int64 {
	switch {
	case w.reader == nil:
		return 0
	case w.doubt != "":
		return w.timeline.Kept() + w.unread
	}
	return int64(min(w.reader.Dropped(), uint64(w.possible(int64(trace.Now()))))) + w.timeline.Lost()
}

// kept returns how many events are in the timeline.
func (w *watched) kept() int64 {
	if w.doubt != "" {
		return 0
	}
	return w.timeline.Kept() - w.timeline.Lost()
}

// counts returns the calls that the server has counted, if they and everything else that it has written can be
// believed. If not, everything that it has written is discarded.
func (w *watched) counts() map[trace.Kind]uint64 {
	if w.reader == nil {
		return nil
	}
	before := w.reader.Dropped()
	counts := w.reader.Counts()
	if w.doubt == "" && !w.reader.Broken() {
		w.doubt = w.miscounted(counts, [2]uint64{before, w.reader.Dropped()}, int64(trace.Now()))
	}
	if w.doubt == "" {
		return counts
	}
	w.timeline.Disbelieve()
	w.inCall, w.gaps = nil, gaps{}
	return nil
}
