package lab

import (
	"math"
	"slices"

	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/traffic"
)

// tally counts requests and their times.
type tally struct {
	zero     int64
	script   scenario.Script
	inPieces bool  // replies come in pieces: their first bytes count
	begun    []int // requests begun, by client
	before   []int // replies to all clients when it sent its last request, by client
	groups   map[string]*group
	sent     int
	answered int
	ports    map[int]string // groups, by the ports of their clients
	dialed   map[int]int64  // when a client began to connect
	connects []int64        // ns from then until it was connected
	broken   int            // connections that the server cut off
	brokenAt int64          // when the first of these was cut off, ns since the experiment began
}

type group struct {
	reasons      map[string]int // why requests failed
	sent, failed int
	latency      []int64 // ns, of the answered
	refused      []int64 // ns until a reply that was not an answer
	firsts       []int64 // ns until the first byte of the body, of the answered
	pieces       []int   // in which the body came, of the answered
	broken       int     // connections that the server cut off, outside of a request
	received     int     // messages, of members of a room
	disorder     int     // messages that did not follow the previous one of the same member
	codes        []int   // of the close frames that the server sent
	overtaken    []int   // how many replies others had while it waited, of each that was answered
	first, last  int64   // when the first was due and the last was answered, ns since the experiment began
}

func newTally(zero int64, script scenario.Script) *tally {
	t := &tally{zero: zero, script: script, begun: make([]int, len(script.Clients)),
		before: make([]int, len(script.Clients)), groups: map[string]*group{},
		dialed: map[int]int64{}, ports: map[int]string{}}
	for _, c := range script.Clients {
		if t.groups[c.Group] == nil {
			t.groups[c.Group] = &group{first: math.MaxInt64, reasons: map[string]int{}}
		}
	}
	return t
}

func (t *tally) add(e traffic.Event) {
	g := t.groups[t.script.Clients[e.Client].Group]
	switch e.What {
	case traffic.Connecting:
		t.dialed[e.Client] = e.At
	case traffic.Connected:
		t.ports[e.Port] = t.script.Clients[e.Client].Group
		t.connects = append(t.connects, e.At-t.dialed[e.Client])
	case traffic.Begun, traffic.Sent:
		t.before[e.Client] = t.answered
		if e.Request > t.begun[e.Client] {
			t.begun[e.Client] = e.Request
			t.sent++
			g.sent++
			g.first = min(g.first, e.At-t.zero)
		}
	case traffic.Answered:
		g.overtaken = append(g.overtaken, t.answered-t.before[e.Client])
		t.answered++
		g.latency = append(g.latency, e.At-e.Wanted)
		g.last = max(g.last, e.At-t.zero)
		if e.First != 0 {
			g.firsts, g.pieces = append(g.firsts, e.First-e.Wanted), append(g.pieces, e.Pieces)
		}
	case traffic.Heard:
		g.received++
		if e.Why != "" {
			g.disorder++
		}
	case traffic.Closed:
		if e.Code != 0 {
			g.codes = append(g.codes, e.Code)
		}
	case traffic.Failed:
		g.fail(e.Why)
		if e.Wanted != 0 {
			g.refused = append(g.refused, e.At-e.Wanted)
			return
		}
	}
	if e.What == traffic.Broken {
		g.broken++
	}
	ours := []string{traffic.GaveUp, traffic.WasReset, recording.Lost}
	if e.What == traffic.Broken || e.What == traffic.Failed && !slices.Contains(ours, e.Why) {
		if t.broken++; t.broken == 1 {
			t.brokenAt = max(e.At-t.zero, 1)
		}
	}
}

// maxReasons is how many reasons are kept apart: a server may give each client a different one.
const maxReasons = 20

func (g *group) fail(why string) {
	g.failed++
	if _, known := g.reasons[why]; !known && len(g.reasons) == maxReasons {
		why = "something else"
	}
	g.reasons[why]++
}

// of sums up groups, or all without arguments.
func (t *tally) of(groups ...*group) recording.Group {
	var sum recording.Group
	var all, firsts []int64
	for _, g := range groups {
		sum.Requests.Sent += g.sent
		sum.Requests.Answered += len(g.latency)
		sum.Requests.Failed += g.failed
		all, firsts = append(all, g.latency...), append(firsts, g.firsts...)
	}
	sum.Latency = latency(all)
	if t.inPieces {
		first := latency(firsts)
		sum.FirstByte = &first
	}
	return sum
}

// latency sums up times; all are 0 if there are none.
func latency(all []int64) recording.Latency {
	if len(all) == 0 {
		return recording.Latency{}
	}
	slices.Sort(all)
	rank := func(p float64) float64 { // nearest rank: a time that some request really took
		return toMS(all[max(int(math.Ceil(p*float64(len(all))))-1, 0)])
	}
	return recording.Latency{P50: rank(.5), P90: rank(.9), P99: rank(.99), Max: rank(1)}
}

// toMS returns milliseconds, to the microsecond.
func toMS(ns int64) float64 { return math.Round(float64(ns)/1e3) / 1e3 }
