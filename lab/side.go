package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"era/lab/process"
	"era/lab/scenario"
	"era/lab/timeline"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

// side is one server of an experiment, with its own backend, its own trace and its own clients.
type side struct {
	program process.Program
	script  scenario.Script
	groups  map[string]int // how many clients each has
	backend *traffic.Backend
	process *process.Process
	tally   *tally
	watched
	observed

	mu       sync.Mutex
	received []traffic.Event // from clients, not yet collected

	finished bool
	usage    process.Usage
	stopOnce sync.Once
}

func newSide(ctx context.Context, program process.Program, script scenario.Script) (s *side, err error) {
	s = &side{program: program, script: script, groups: map[string]int{}}
	for _, c := range script.Clients {
		s.groups[c.Group]++
	}
	defer func() {
		if err != nil {
			s.stop()
			s = nil
		}
	}()
	if s.backend, err = traffic.StartBackend(); err != nil {
		return s, err
	}
	clients := script.Files + script.Asking
	s.sites, s.created, s.files = newSites(program.Binary), int64(trace.Now()), max(4096, clients+200)
	options := process.Options{Backend: s.backend.Addr, Clients: clients, NoFile: s.files}
	if program.Traced.Seen() {
		dir, remove, err := process.Scratch()
		if err == nil {
			defer remove() // the server has mapped the file when it listens
			options.Trace = filepath.Join(dir, "trace")
			s.reader, err = trace.Create(options.Trace, ring)
		}
		if err != nil {
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
	s.timeline = timeline.New(zero, s.script.Clients, s.sites.locate)
	s.timeline.Untraced = s.reader == nil
	s.tally = newTally(zero, s.script)
	_, s.rssKBStart, _ = s.process.Sample()
}

// report is called by the clients.
func (s *side) report(e traffic.Event) {
	s.mu.Lock()
	s.received = append(s.received, e)
	if e.What == traffic.Resumed {
		s.askedUnread, _ = s.backend.Questions()
	}
	s.mu.Unlock()
}

// collect adds all events up to now to the timeline.
func (s *side) collect(now int64) {
	s.mu.Lock()
	received := s.received
	s.received = nil
	s.mu.Unlock()
	for _, e := range received { // first, so that most connections are known when the server's calls on them come
		s.timeline.Client(e)
		s.tally.add(e)
	}
	s.drain()
	s.timeline.Advance(now)
}

// bury ends the timeline of a server that has ended.
func (s *side) bury(now int64) {
	if s.diedAt != 0 {
		return
	}
	select {
	case <-s.process.Done():
		s.diedAt = max(now-s.timeline.Zero(), 1)
		s.inCall = s.calls() // and the events since the last poll, up to its last call
		s.timeline.Died(s.timeline.Zero()+s.diedAt, s.inCall)
	default:
	}
}

// look notes the calls that the server is in.
func (s *side) look() {
	if s.diedAt == 0 {
		s.inCall = s.calls()
	}
}

// open returns those that go on.
func (s *side) open() []trace.Event {
	if s.diedAt != 0 {
		return nil
	}
	return s.inCall
}

// finish ends the timeline, including the calls that the server is still in.
func (s *side) finish(end int64) {
	s.leftOpen = s.backend.Open()
	s.timeline.Finish(end, s.open())
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
