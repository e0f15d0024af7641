package lab

import (
	"fmt"

	"era/lab/picture"
	"era/runnable/kit/trace"
)

// besideTheHog is about those who came while one request computed.
func (v words) besideTheHog() string {
	all, answered := v.clients("fast")
	text := fmt.Sprintf("%s answered %d of %s while one request computed for %s", v.name, answered, many(all, "fast client"),
		span(float64(v.x.Settings["ms"])))
	if answered == all {
		return text + fmt.Sprintf("; the longest any of them waited was %s", span(v.PerGroup["fast"].Latency.Max))
	}
	if gap := span(toMS(v.s.gaps.longest)); v.s.gaps.longest > int64(v.x.Settings["ms"])*1e6/2 && v.Exit == "" {
		text += fmt.Sprintf(": for %s its thread made no call at all, and looked at no other connection", gap)
	}
	return text
}

func (v words) storm() string {
	all, answered := v.clients("storm")
	text := fmt.Sprintf("%s answered %d of %s that came at once", v.name, answered, many(all, "client"))
	if answered < all {
		return text + v.because()
	}
	return text + v.waits("storm")
}

// retry is how long the kernel waits before it sends the first SYN of a connection again (tcp(7): an RTO of 1 s,
// RFC 6298, 2.1), less a tenth. Nothing else makes connecting on one machine take so long.
const retry = 0.9e9

// triedAgain tells of connections whose first SYN found no room.
func (v words) triedAgain() string {
	late, longest := 0, int64(0)
	for _, took := range v.s.tally.connects {
		if took > retry {
			late++
		}
		longest = max(longest, took)
	}
	switch {
	case late > 0:
		return fmt.Sprintf("%d of them found the listen queue full, which holds 128: their SYN was dropped, and the kernel sends "+
			"it again after 1 s; the last was connected after %s", late, span(toMS(longest)))
	case v.Exit == "":
		return fmt.Sprintf("nobody had to try again: the last was connected after %s", span(toMS(longest)))
	}
	return ""
}

// gaps finds the longest time in which a thread made no call: it computed, or had not the processor. It is handed all
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
	if !known && len(g.ended) == picture.MaxLanes {
		return
	}
	if ended != 0 && e.At > ended {
		g.longest = max(g.longest, int64(e.At-ended))
	}
	g.ended[e.Thread] = e.At + e.Took
}
