package lab

import (
	"era/lab/timeline"
	"era/runnable/kit/trace"
)

// gaps finds the longest time in which a thread made no call: it was computing, or was not scheduled. It takes all
// events in the order in which they ended.
type gaps struct {
	ended   map[uint32]uint64 // the last call, by thread
	longest int64             // ns
}

func (g *gaps) add(e trace.Event) {
	if !e.Kind.IsCall() {
		return
	}
	if g.ended == nil {
		g.ended = map[uint32]uint64{}
	}
	ended, known := g.ended[e.Thread]
	if !known && len(g.ended) == timeline.MaxLanes {
		return
	}
	if ended != 0 && e.At > ended {
		g.longest = max(g.longest, int64(e.At-ended))
	}
	g.ended[e.Thread] = e.At + e.Took
}
