package lab

import (
	"context"
	"fmt"
	"path/filepath"
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
	s = &side{program: program, script: script, sites: newSites(program.Dir, program.Binary)}
	defer func() {
		if err != nil {
			s.stop()
			s = nil
		}
	}()
	if s.backend, err = traffic.StartBackend(); err != nil {
		return s, err
	}
	options := process.Options{Backend: s.backend.Addr, NoFile: max(4096, script.Files+script.Asking+200)}
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

// drain empties the ring. A busy server fills it while it is emptied, so there is an end to it. What is read has
// happened: a server whose clock is some ns ahead of ours, or that writes nonsense, does not reach into the future.
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
			e.At = min(e.At, seen)
			e.Took = min(e.Took, seen-e.At)
		}
		s.gaps.add(e)
		s.picture.Server(e)
	}
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
	return t
}

// calls are those that the server's threads are in now.
func (s *side) calls() []trace.Event {
	if s.reader == nil || s.diedAt != 0 {
		return nil
	}
	return s.reader.InCall()
}

func (s *side) dropped() int64 {
	if s.reader == nil {
		return 0
	}
	return int64(s.reader.Dropped())
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
