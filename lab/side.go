package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"era/lab/picture"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

// ring is how many events a trace holds that nobody has read: a server that polls makes a million a second.
const ring = 1 << 17

// side is one server of an experiment, with its own backend, its own trace and its own clients.
type side struct {
	program process.Program
	script  scenario.Script
	backend *traffic.Backend
	process *process.Process
	reader  *trace.Reader // nil: this server is not traced
	sites   *sites
	picture *picture.Picture
	tally   *tally
	created int64  // when the trace was, on its clock
	files   int    // descriptors that the server may have
	doubt   string // why the trace is not believed; "" while it is
	unread  int64  // events that came after that

	mu    sync.Mutex
	heard []traffic.Event // from clients, not yet collected

	inCall   []trace.Event // at the end
	leftOpen int           // connections to the backend, likewise
	threads  int
	rssKB    int64
	rssAtKB  int64 // before the first client came
	over     int   // how often a stream's buffer rose above its high-water mark
	gaps     gaps

	askedUnread int // questions to the backend until a client that had stopped to read read again
	finished    bool
	diedAt      int64     // ns since the experiment began; 0 while it lives
	told        time.Time // to end; the zero time when it was not
	usage       process.Usage
	stopOnce    sync.Once

	looking sync.WaitGroup
	held    map[int][]int // once it is over: ports of clients, by process of the server
}

func newSide(ctx context.Context, program process.Program, script scenario.Script) (s *side, err error) {
	s = &side{program: program, script: script, sites: newSites(program.Binary)}
	defer func() {
		if err != nil {
			s.stop()
			s = nil
		}
	}()
	if s.backend, err = traffic.StartBackend(); err != nil {
		return s, err
	}
	s.created, s.files = int64(trace.Now()), max(4096, script.Files+script.Asking+200)
	options := process.Options{Backend: s.backend.Addr, Clients: script.Files + script.Asking, NoFile: s.files}
	if !strings.HasPrefix(program.Traced, "no") {
		dir, remove, err := process.Scratch()
		if err != nil {
			return s, fmt.Errorf("trace of %s: %w", program.Variant, err)
		}
		defer remove() // the server has mapped the file when it listens, and keeps it so
		options.Trace = filepath.Join(dir, "trace")
		if s.reader, err = trace.Create(options.Trace, ring); err != nil {
			return s, fmt.Errorf("trace of %s: %w", program.Variant, err)
		}
	}
	if s.process, err = process.Start(ctx, program, options); err != nil {
		return s, err
	}
	s.backend.For(s.process.Holds)
	return s, nil
}

// begin makes the side ready for the first client.
func (s *side) begin(zero int64) {
	s.picture = picture.New(zero, s.script.Clients, s.sites.locate)
	s.picture.Untraced = s.reader == nil
	s.tally = newTally(zero, s.script)
	_, s.rssAtKB, _ = s.process.Sample()
}

// observe is called by the clients.
func (s *side) observe(e traffic.Event) {
	s.mu.Lock()
	s.heard = append(s.heard, e)
	if e.What == traffic.Resumed {
		s.askedUnread, _ = s.backend.Questions()
	}
	s.mu.Unlock()
}

// collect hands the picture all that happened up to now.
func (s *side) collect(now int64) {
	s.mu.Lock()
	heard := s.heard
	s.heard = nil
	s.mu.Unlock()
	for _, e := range heard { // first, so that most connections are known when the server's calls on them come
		s.picture.Client(e)
		s.tally.add(e)
	}
	if s.reader != nil {
		s.drain()
	}
	s.picture.Advance(now)
	if s.diedAt == 0 {
		select {
		case <-s.process.Done():
			s.diedAt = max(now-s.picture.Zero(), 1)
			if s.reader != nil {
				s.drain() // what it did since the last look, to its last call
			}
			s.picture.Died(now)
		default:
		}
	}
}

// drain empties the ring. A busy server fills it while it is emptied, so there is an end to it.
func (s *side) drain() {
	seen := trace.Now()
	for range ring {
		e, ok := s.reader.Next()
		if !ok {
			if s.diedAt == 0 || !s.reader.Skip() { // a place that a dead writer claimed stays unfinished
				return
			}
			continue
		}
		if e.At > seen || e.Took > seen-e.At {
			seen = trace.Now()
		}
		if s.doubt == "" {
			s.doubt = s.impossible(e, int64(seen))
		}
		if s.doubt != "" {
			s.unread++
			continue
		}
		e = happened(e, seen)
		s.gaps.add(e)
		s.picture.Server(e)
	}
}

// happened is the event without what lies in the future: the server's clock may be some ns ahead of ours.
func happened(e trace.Event, now uint64) trace.Event {
	e.At = min(e.At, now)
	e.Took = min(e.Took, now-e.At)
	return e
}

// news is what is new since it was called last.
func (s *side) news(now int64) Tracks {
	threads, rssKB, _ := s.process.Sample()
	s.threads, s.rssKB = max(s.threads, threads), max(s.rssKB, rssKB)
	t := Tracks{Open: []recording.Mark{}, Sent: s.tally.sent, Answered: s.tally.answered, Dropped: s.dropped()}
	if !s.finished {
		t.Open = s.picture.Open(now, s.calls())
	}
	t.Track = s.picture.Take() // after Open: a thread that was first seen in a call has its lane since then
	if len(t.Lanes) > 0 {
		t.Rows = recording.Rows(s.picture.Track().Lanes)
	}
	return t
}

// calls are those that the server's threads are in now.
func (s *side) calls() []trace.Event {
	if s.reader == nil || s.diedAt != 0 || s.doubt != "" {
		return nil
	}
	now := int64(trace.Now())
	return slices.DeleteFunc(s.reader.InCall(), func(e trace.Event) bool { return s.impossible(e, now) != "" })
}

// dropped is how many events are not in the picture: those that found the ring full or the picture, and those of a trace that
// is not believed.
func (s *side) dropped() int64 {
	switch {
	case s.reader == nil:
		return 0
	case s.doubt != "":
		return s.picture.Kept() + s.unread
	}
	return int64(min(s.reader.Dropped(), uint64(s.possible(int64(trace.Now()))))) + s.picture.Lost()
}

// kept is how many events are in the picture.
func (s *side) kept() int64 {
	if s.doubt != "" {
		return 0
	}
	return s.picture.Kept() - s.picture.Lost()
}

// elsewhere is how many connections came to the server from outside the experiment. A client that gave up connecting does not
// know its port, and may have been accepted all the same.
func (s *side) elsewhere() int {
	return max(s.picture.Elsewhere()-(len(s.tally.dialed)-len(s.tally.connects)), 0)
}

// finish ends the picture: what the server is still doing now belongs to it.
func (s *side) finish(end int64) {
	s.inCall, s.leftOpen = s.calls(), s.backend.Open()
	s.picture.Finish(end, s.inCall)
	s.finished = true
}

// stop ends the server and its backend. It may be called again.
func (s *side) stop() {
	s.stopOnce.Do(func() {
		if s.process != nil {
			s.usage = s.process.Stop()
		}
		if s.backend != nil {
			s.backend.Close()
		}
		if s.reader != nil {
			s.reader.Close()
		}
	})
}

// exit says how the server ended, if it ended by itself. One whose clients were all cut off at once is about to.
func (s *side) exit() string {
	if s.diedAt == 0 && s.tally.broken > 0 {
		select {
		case <-s.process.Done():
			s.diedAt = s.tally.brokenAt
		case <-time.After(200 * time.Millisecond):
		}
	}
	return s.process.Exit()
}
