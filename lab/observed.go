package lab

import (
	"slices"
	"sync"
	"syscall"
	"time"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/timeline"
	"era/runnable/kit/trace"
)

// resend is how long the kernel waits before it sends the first SYN of a connection again (tcp(7): an RTO of 1 s, RFC
// 6298, 2.1), less a tenth. Nothing else makes connecting on one machine take so long.
const resend = int64(900 * time.Millisecond)

// observed is what is noted about a server while it runs, besides its trace and the reports of its clients.
type observed struct {
	threads     int // at most
	rssKB       int64
	rssKBStart  int64     // before the first client came
	askedUnread int       // questions to the backend until a client that had stopped reading read on
	terminated  time.Time // when it got SIGTERM; the zero time if it got none
	leftOpen    int       // connections to the backend, at the end

	looking sync.WaitGroup
	held    map[int][]int // once it is over: ports of clients, by process of the server
}

// sample records what the server's process uses now.
func (s *side) sample() {
	threads, rssKB, _ := s.process.Sample()
	s.threads, s.rssKB = max(s.threads, threads), max(s.rssKB, rssKB)
}

// lookWhoHolds records which clients' connections the server's processes hold now. That takes time, which the
// experiment does not wait for.
func (s *side) lookWhoHolds() {
	s.looking.Go(func() { s.held = s.process.Peers() })
}

// elsewhere returns how many connections came to the server from outside the experiment. A client that gave up
// connecting does not know its port, and may have been accepted nevertheless.
func (s *side) elsewhere() int {
	return max(s.timeline.Elsewhere()-(len(s.tally.dialed)-len(s.tally.connects)), 0)
}

// observations returns what the sentences about the server are made of. counts are those of its trace.
func (s *side) observations(counts map[trace.Kind]uint64) *recording.Observed {
	o := &recording.Observed{
		Groups: map[string]recording.ObservedGroup{},
		Doubt:  s.doubt, Lost: s.timeline.Lost(),
		Accepted: s.timeline.Accepted(), Threads: s.timeline.Threads(), Serving: s.timeline.Serving(),
		Stuck: longest(s.timeline.Track()), GapMS: toMS(s.gaps.longest), HangUps: hangUps(s.timeline.Track()),
		Buffers: int(counts[trace.BufferHigh]), HiddenTasks: hiddenTasks(s.program.Variant), Held: s.holders(),
	}
	b := &o.Backend
	b.Asked, b.AtOnce = s.backend.Questions()
	b.Foreign, b.Over = s.backend.TurnedAway()
	b.AskedUnread, b.Abandoned, b.Open = s.askedUnread, s.backend.Abandoned(), s.leftOpen
	for _, c := range s.script.Clients {
		g := o.Groups[c.Group]
		g.Clients++
		o.Groups[c.Group] = g
	}
	for name, g := range s.tally.groups {
		o.Groups[name] = g.observed(o.Groups[name].Clients, s.tally.inPieces)
	}
	for _, took := range s.tally.connects {
		if took > resend {
			o.Retried++
		}
		o.ConnectMS = max(o.ConnectMS, toMS(took))
	}
	return o
}

// holders returns which processes of the server had connections when the lab looked, and of which groups; nil if it did
// not look.
func (s *side) holders() *recording.Held {
	s.looking.Wait()
	if len(s.held) == 0 {
		return nil
	}
	h := &recording.Held{Processes: len(s.held), Clients: map[string]int{}}
	for _, ports := range s.held {
		for _, port := range ports {
			h.Clients[s.tally.ports[port]]++
		}
	}
	return h
}

func (g *group) observed(clients int, inPieces bool) recording.ObservedGroup {
	o := recording.ObservedGroup{Clients: clients, Reasons: g.reasons, Refused: len(g.refused), Broken: g.broken,
		Received: g.received,
		Disorder: g.disorder}
	if len(g.latency) > 0 {
		overtaken := slices.Sorted(slices.Values(g.overtaken))
		o.TookMS, o.QuickestMS = toMS(g.last-g.first), toMS(slices.Min(g.latency))
		o.Overtaken = recording.Overtaken{P50: overtaken[(len(overtaken)-1)/2], Max: overtaken[len(overtaken)-1]}
	}
	if len(g.refused) > 0 {
		o.RefusedMS = toMS(slices.Max(g.refused))
	}
	if len(g.codes) > 0 {
		o.CloseCode = g.codes[0]
	}
	if inPieces && len(g.firsts) > 0 {
		for _, first := range slices.Sorted(slices.Values(g.firsts)) {
			o.FirstBytesMS = append(o.FirstBytesMS, toMS(first))
		}
		o.Pieces = slices.Sorted(slices.Values(g.pieces))[len(g.pieces)/2]
	}
	return o
}

// longest returns the longest call in which one of the server's threads waited for one descriptor, other than for a
// client to connect; nil if there was none.
func longest(t recording.Track) *recording.Stuck {
	var found *recording.Mark
	for i, m := range t.Marks {
		blocked := m.State == recording.Blocked && m.Call != "accept" && t.Lanes[m.Lane].Kind == "thread"
		if blocked && (found == nil || m.Took > found.Took) {
			found = &t.Marks[i]
		}
	}
	if found == nil {
		return nil
	}
	s := &recording.Stuck{Call: found.Call, FD: found.FD, TookMS: toMS(found.Took)}
	if found.Site >= 0 {
		site := t.Sites[found.Site]
		s.Site = &site
	}
	return s
}

// hangUps counts the server's calls that failed because a client had left.
func hangUps(t recording.Track) map[string]int {
	found := map[string]int{}
	for _, errno := range []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED} {
		for _, m := range t.Marks {
			if name := timeline.Errno(errno); m.Errno == name && m.Call != "" && t.Lanes[m.Lane].Kind == "thread" {
				found[name] += m.Count
			}
		}
	}
	return found
}

// hiddenTasks reports whether a server has coroutines and tasks that its trace does not show.
func hiddenTasks(v catalogue.Variant) bool {
	return v.Language == catalogue.Python && v.Server.Tasks
}
