// Package timeline turns the events of a server's trace and of its clients into the lanes that are drawn: of threads,
// of coroutines and tasks, and of connections, with marks on them.
//
// A thread's lane holds its calls, and between the calls that wait it is running, as far as the trace shows: it is in
// none of the traced calls. A connection's lane holds its states as its client sees them, and over them the server's
// calls on its descriptors; those marks have a Call. A task's lane holds when it ran and why it was parked; its calls
// are on the thread's lane and name the task.
package timeline

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
// a room in which 100 members hear 1,000 messages each made 390,000 before quick calls were summed up in such numbers.
// More could not be looked at one by one.
const (
	MaxMarks   = 400_000 // above it only the clients' own marks are added
	MaxLanes   = 50_000  // of threads, coroutines and tasks
	maxMerging = 10_000  // runs of calls at the same time
)

// Timeline is the timeline of one server. It is for one goroutine.
type Timeline struct {
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
	unsettled   []*connection // those with transitions in the future
	accepted    int
	ours        int // those of our clients
	early       int // those before the experiment began

	tasks   map[uint32]*task // and coroutines that are not over, by number
	spawned []spawned        // in a step that is not over, or outside any; the youngest last
	renamed []recording.Lane // since Take returned them
}

// New returns an empty timeline. locate returns the source line of a trace's site.
func New(zero int64, clients []scenario.Client, locate func(string) (recording.Site, bool)) *Timeline {
	return &Timeline{
		zero: zero, clients: clients, locate: locate,
		track: recording.Track{Lanes: []recording.Lane{}, Sites: []recording.Site{}, Marks: []recording.Mark{}},
		sites: map[string]int{}, merging: map[runKey]*run{}, threads: map[uint32]*thread{},
		owners: map[int32]*owner{}, nonblocking: map[int32]bool{}, ports: map[int]*peer{},
		connections: make([]*connection, len(clients)), tasks: map[uint32]*task{},
	}
}

// Zero returns when the experiment begins, on the clock of the traces.
func (tl *Timeline) Zero() int64 { return tl.zero }

// Accepted returns how many connections the server has accepted.
func (tl *Timeline) Accepted() int { return tl.accepted }

// Elsewhere returns how many connections the server has accepted that are not our clients', since the experiment began:
// before, some servers ask themselves whether they are ready. It is 0 for a server that accepts none of ours, since
// another one in front of it is not traced: nginx, for example.
func (tl *Timeline) Elsewhere() int {
	if tl.ours == 0 {
		return 0
	}
	return tl.accepted - tl.ours - tl.early
}

// Kept returns how many trace events the timeline has received.
func (tl *Timeline) Kept() int64 { return tl.kept }

// Lost returns how many of these are not in the timeline because it was full.
func (tl *Timeline) Lost() int64 { return tl.lost }

// Again returns how many calls returned EAGAIN.
func (tl *Timeline) Again() int64 { return tl.again }

// Threads returns how many threads made traced calls at the same time, at most.
func (tl *Timeline) Threads() int { return tl.most }

// Serving returns how many threads have made the calls by which clients are served. A runtime may have other threads
// for itself: one of Node's waits for timers, as a loop does.
func (tl *Timeline) Serving() int { return tl.serving }

// Track returns everything drawn so far.
func (tl *Timeline) Track() recording.Track { return tl.track }

// Take returns what has been drawn since the last Take; renamed lanes are in it again. None of its lists is nil: JSON
// would say null.
func (tl *Timeline) Take() recording.Track {
	t := recording.Track{
		// copies: ours may be renamed
		Lanes: slices.Concat([]recording.Lane{}, tl.renamed, tl.track.Lanes[len(tl.taken.Lanes):]),
		Sites: tl.track.Sites[len(tl.taken.Sites):],
		Marks: tl.track.Marks[len(tl.taken.Marks):],
		Told:  tl.track.Told,
		Died:  tl.track.Died,
	}
	tl.taken, tl.renamed = tl.track, nil
	return t
}

// Advance draws what is certain by now: everything that happened up to then must have been added.
func (tl *Timeline) Advance(now int64) {
	tl.flush(now - mergeFor)
	rest := tl.unsettled[:0]
	for _, c := range tl.unsettled {
		if tl.settle(c, now); len(c.queue) > 0 {
			rest = append(rest, c)
		}
	}
	clear(tl.unsettled[len(rest):])
	tl.unsettled = rest
}

// Finish ends the timeline, and with it the unfinished marks.
func (tl *Timeline) Finish(end int64, inCall []trace.Event) {
	tl.Advance(end)
	tl.flush(1 << 62)
	tl.track.Marks = append(tl.track.Marks, tl.Open(end, inCall)...)
	rest := tl.track.Marks[len(tl.taken.Marks):] // what has been returned keeps its place
	slices.SortStableFunc(rest, func(a, b recording.Mark) int { return cmp.Compare(a.At+a.Took, b.At+b.Took) })
	for _, peer := range tl.ports { // calls on connections from outside the experiment
		peer.waiting = nil
	}
}

// Disbelieve removes everything that the server has reported: what is left is what the clients saw.
func (tl *Timeline) Disbelieve() {
	all := tl.track
	tl.track = recording.Track{Lanes: []recording.Lane{}, Sites: []recording.Site{}, Marks: []recording.Mark{},
		Told: all.Told, Died: all.Died}
	tl.taken, tl.renamed = tl.track, nil
	lanes := map[int]int{} // by their former numbers
	for _, l := range all.Lanes {
		if l.Kind == "connection" {
			lanes[l.ID] = tl.lane(l.Kind, l.Name, l.Group)
		}
	}
	for _, m := range all.Marks {
		if lane, is := lanes[m.Lane]; is && m.Call == "" {
			m.Lane = lane
			tl.track.Marks = append(tl.track.Marks, m)
		}
	}
	tl.again, tl.most, tl.serving, tl.accepted, tl.ours, tl.early = 0, 0, 0, 0, 0, 0
}

// lane adds a lane and returns its number.
func (tl *Timeline) lane(kind, name, group string) int {
	id := len(tl.track.Lanes)
	tl.track.Lanes = append(tl.track.Lanes, recording.Lane{ID: id, Kind: kind, Name: name, Group: group})
	return id
}

// nowhere is the lane for what there is no more room for: nothing is drawn on it.
const nowhere = -1

// ofServer adds a lane of the server's, named after its kind and a number.
func (tl *Timeline) ofServer(kind string, number int) int {
	if tl.full || tl.lanes == MaxLanes {
		return nowhere
	}
	tl.lanes++
	return tl.lane(kind, fmt.Sprintf("%s %d", kind, number), "")
}

// draw adds a mark whose time is still on the clock of the traces. A mark that was over before the experiment began is
// left out, and one that reaches into it begins with it.
func (tl *Timeline) draw(m recording.Mark) {
	if m, ok := tl.clip(m); ok && !tl.full {
		tl.track.Marks = append(tl.track.Marks, m)
	}
}

func (tl *Timeline) clip(m recording.Mark) (recording.Mark, bool) {
	m.At -= tl.zero
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
func (tl *Timeline) site(text string) int {
	if text == "" {
		return -1
	}
	n, known := tl.sites[text]
	if !known {
		n = -1
		if site, ok := tl.locate(text); ok {
			n = len(tl.track.Sites)
			tl.track.Sites = append(tl.track.Sites, site)
		}
		tl.sites[text] = n
	}
	return n
}
