// Package picture turns what a server's trace and its clients report into what is drawn: lanes of threads, of
// coroutines and tasks, and of connections, with marks on them.
//
// A thread's lane holds its calls, and between the calls that wait it is running, as far as the trace can tell: a
// thread that is in none of the traced calls. A connection's lane holds its states as its client sees them, and over
// them the server's calls on its descriptors; those marks have a Call. A task's lane holds when it ran and what it was
// parked for; the calls that it made are on the thread's lane and name it.
package picture

import (
	"cmp"
	"fmt"
	"slices"

	"era/lab/recording"
	"era/lab/scenario"
	"era/runnable/kit/trace"
)

// Above this many connections their lanes show states only: the calls are on the threads' lanes.
const callsOnLanes = 300

// The most that is kept of one server's trace. Ten thousand connections, each with a coroutine, make 230,000 marks, and
// a room in which 100 members hear 1,000 messages each makes 390,000. More could not be looked at one by one.
const (
	MaxMarks   = 400_000 // above it only the clients' own marks are added
	MaxLanes   = 50_000  // of threads, coroutines and tasks
	maxMerging = 10_000  // runs of calls at the same time
)

// Picture is the picture of one server. It is for one goroutine.
type Picture struct {
	// Untraced says that nothing will be known of the server's calls: every connected client counts as accepted.
	Untraced bool

	zero    int64 // when the experiment begins, on the clock of the traces
	clients []scenario.Client
	locate  func(site string) (recording.Site, bool)

	track   recording.Track
	taken   recording.Track // how much Take has returned so far: only the lengths count
	sites   map[string]int
	merging map[runKey]*run
	kept    int64 // trace events seen
	again   int64 // of them with EAGAIN
	lost    int64 // of them those that were not drawn, for lack of room
	full    bool  // the current event is one of these: nothing of it is drawn
	lanes   int   // of threads, coroutines and tasks
	waiting int   // calls that wait for their clients to be known

	threads     map[uint32]*thread
	started     int // threads so far, for their names
	most        int // threads at once
	serving     int // threads that have made calls by which clients are served
	owners      map[int32]*owner
	nonblocking map[int32]bool
	ports       map[int]*peer
	connections []*connection // by client
	unsettled   []*connection // those with transitions that are still to come
	accepted    int
	ours        int // of these, connections of our clients
	early       int // of these, before the experiment began

	tasks   map[uint32]*task // and coroutines, by number: those that are not over
	spawned []spawned        // in a step that is not over, or outside any; the youngest last
	renamed []recording.Lane // since Take returned them
}

// New makes an empty picture. locate says which source line a trace's site names.
func New(zero int64, clients []scenario.Client, locate func(string) (recording.Site, bool)) *Picture {
	return &Picture{
		zero: zero, clients: clients, locate: locate,
		track: recording.Track{Lanes: []recording.Lane{}, Sites: []recording.Site{}, Marks: []recording.Mark{}},
		sites: map[string]int{}, merging: map[runKey]*run{}, threads: map[uint32]*thread{},
		owners: map[int32]*owner{}, nonblocking: map[int32]bool{}, ports: map[int]*peer{},
		connections: make([]*connection, len(clients)), tasks: map[uint32]*task{},
	}
}

// Zero is when the experiment begins, on the clock of the traces.
func (p *Picture) Zero() int64 { return p.zero }

// Accepted is how many connections the server has accepted.
func (p *Picture) Accepted() int { return p.accepted }

// Elsewhere returns how many connections the server has accepted that are not our clients', since the experiment began:
// before, some servers ask themselves whether they are ready. It is 0 for a server that accepts none of ours, since
// another one in front of it is not traced: nginx, for example.
func (p *Picture) Elsewhere() int {
	if p.ours == 0 {
		return 0
	}
	return p.accepted - p.ours - p.early
}

// Kept returns how many trace events the picture has received.
func (p *Picture) Kept() int64 { return p.kept }

// Lost returns how many of these are not in the picture because it was full.
func (p *Picture) Lost() int64 { return p.lost }

// Again returns how many calls returned EAGAIN.
func (p *Picture) Again() int64 { return p.again }

// Threads returns how many threads made traced calls at the same time, at most.
func (p *Picture) Threads() int { return p.most }

// Serving returns how many threads have made the calls by which clients are served. A runtime may have other threads
// for itself: one of Node's waits for timers, as a loop does.
func (p *Picture) Serving() int { return p.serving }

// Track returns everything drawn so far.
func (p *Picture) Track() recording.Track { return p.track }

// Take returns what has been drawn since the last Take; renamed lanes are in it again. None of its lists is nil: JSON
// would say null.
func (p *Picture) Take() recording.Track {
	t := recording.Track{
		Lanes: slices.Concat([]recording.Lane{}, p.renamed, p.track.Lanes[len(p.taken.Lanes):]), // copies: ours may be renamed
		Sites: p.track.Sites[len(p.taken.Sites):],
		Marks: p.track.Marks[len(p.taken.Marks):],
		Told:  p.track.Told,
	}
	p.taken, p.renamed = p.track, nil
	return t
}

// Advance draws what is certain by now: everything that happened up to then must have been added.
func (p *Picture) Advance(now int64) {
	p.flush(now - mergeFor)
	rest := p.unsettled[:0]
	for _, c := range p.unsettled {
		if p.settle(c, now); len(c.queue) > 0 {
			rest = append(rest, c)
		}
	}
	clear(p.unsettled[len(rest):])
	p.unsettled = rest
}

// Finish ends the picture: what still goes on ends now as a mark.
func (p *Picture) Finish(end int64, inCall []trace.Event) {
	p.Advance(end)
	p.flush(1 << 62)
	p.track.Marks = append(p.track.Marks, p.Open(end, inCall)...)
	rest := p.track.Marks[len(p.taken.Marks):] // what has been returned keeps its place
	slices.SortStableFunc(rest, func(a, b recording.Mark) int { return cmp.Compare(a.At+a.Took, b.At+b.Took) })
	for _, peer := range p.ports { // calls on connections that no client of ours made
		peer.waiting = nil
	}
}

// Disbelieve removes everything that the server has reported: what is left is what the clients saw.
func (p *Picture) Disbelieve() {
	all := p.track
	p.track = recording.Track{Lanes: []recording.Lane{}, Sites: []recording.Site{}, Marks: []recording.Mark{}, Told: all.Told}
	p.taken, p.renamed = p.track, nil
	lanes := map[int]int{} // by their former numbers
	for _, l := range all.Lanes {
		if l.Kind == "connection" {
			lanes[l.ID] = p.lane(l.Kind, l.Name, l.Group)
		}
	}
	for _, m := range all.Marks {
		if lane, is := lanes[m.Lane]; is && m.Call == "" {
			m.Lane = lane
			p.track.Marks = append(p.track.Marks, m)
		}
	}
	p.again, p.most, p.serving, p.accepted, p.ours, p.early = 0, 0, 0, 0, 0, 0
}

// lane adds a lane and returns its number.
func (p *Picture) lane(kind, name, group string) int {
	id := len(p.track.Lanes)
	p.track.Lanes = append(p.track.Lanes, recording.Lane{ID: id, Kind: kind, Name: name, Group: group})
	return id
}

// nowhere is the lane for what there is no more room for: nothing is drawn on it.
const nowhere = -1

// ofServer adds a lane of the server's, named after its kind and a number.
func (p *Picture) ofServer(kind string, number int) int {
	if p.full || p.lanes == MaxLanes {
		return nowhere
	}
	p.lanes++
	return p.lane(kind, fmt.Sprintf("%s %d", kind, number), "")
}

// draw adds a mark whose time is still on the clock of the traces. A mark that was over before the experiment began is
// left out, and one that reaches into it begins with it.
func (p *Picture) draw(m recording.Mark) {
	if m, ok := p.clip(m); ok && !p.full {
		p.track.Marks = append(p.track.Marks, m)
	}
}

func (p *Picture) clip(m recording.Mark) (recording.Mark, bool) {
	m.At -= p.zero
	if m.At+m.Took < 0 || m.Lane == nowhere {
		return m, false
	}
	if m.At < 0 {
		m.Took += m.At
		m.At = 0
	}
	return m, true
}

// site returns the index of a trace's site; -1 if it is unknown.
func (p *Picture) site(text string) int {
	if text == "" {
		return -1
	}
	n, known := p.sites[text]
	if !known {
		n = -1
		if site, ok := p.locate(text); ok {
			n = len(p.track.Sites)
			p.track.Sites = append(p.track.Sites, site)
		}
		p.sites[text] = n
	}
	return n
}
