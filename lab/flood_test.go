//go:build linux || darwin

package lab

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/timeline"
	"era/lab/traffic"
	"era/lab/verdict"
	"era/runnable/kit/trace"
)

// liar is a server that writes anything into its trace.
type liar struct {
	memory []byte
	events int // where the ring begins
	n      uint64
}

// lies returns a side whose server is a liar.
func lies(t *testing.T) (*side, *liar) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace")
	s := &side{
		watched: watched{created: int64(trace.Now()), files: 4096, sites: newSites("/proc/self/exe")},
		program: process.Program{Traced: recording.Traced{How: process.TracedInProcess}},
	}
	var err error
	if s.backend, err = traffic.StartBackend(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.backend.Close() })
	if s.reader, err = trace.Create(path, ring); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.reader.Close() })
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	memory, err := unix.Mmap(int(f.Fd()), 0, trace.Size(ring), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(memory) })
	clients := []scenario.Client{{Name: "one"}}
	s.timeline = timeline.New(s.created, clients, s.sites.locate)
	s.tally = newTally(s.created, scenario.Script{Clients: clients})
	s.timeline.Client(traffic.Event{At: s.created, What: traffic.Connected, Port: 1})
	return s, &liar{memory: memory, events: trace.Size(0)}
}

// sentences returns those about the trace of a server, and about connections that were not of the experiment.
func sentences(s *side) string {
	seen := s.observations(nil)
	return verdict.Of(recording.Result{}, recording.Server{Observed: seen,
		Elsewhere: s.elsewhere() + seen.Backend.Foreign})
}

// tell writes an event with the current time, and counts it as an honest server would.
func (l *liar) tell(e trace.Event) {
	if e.At == 0 {
		e.At = trace.Now() - e.Took
	}
	at := l.memory[l.events+int(l.n%ring)*64:]
	l.n++
	binary.LittleEndian.PutUint64(at[8:], e.At)
	binary.LittleEndian.PutUint64(at[16:], e.Took)
	binary.LittleEndian.PutUint32(at[24:], e.Thread)
	binary.LittleEndian.PutUint16(at[28:], uint16(e.Kind))
	binary.LittleEndian.PutUint16(at[30:], uint16(l.n%256))
	binary.LittleEndian.PutUint32(at[32:], uint32(e.FD))
	binary.LittleEndian.PutUint32(at[36:], uint32(e.Result))
	binary.LittleEndian.PutUint32(at[40:], uint32(e.Errno))
	binary.LittleEndian.PutUint32(at[44:], e.Arg)
	binary.LittleEndian.PutUint32(at[48:], e.Task)
	binary.LittleEndian.PutUint64(at, l.n)
	if e.Kind < 64 {
		l.count(e.Kind, binary.LittleEndian.Uint64(l.memory[256+8*int(e.Kind):])+1)
	}
}

func (l *liar) count(k trace.Kind, n uint64) {
	binary.LittleEndian.PutUint64(l.memory[256+8*int(k):], n)
}
func (l *liar) dropped(n uint64) { binary.LittleEndian.PutUint64(l.memory[192:], n) }

// However many plausible events a server writes, the lab keeps a part of bounded size, counts the rest, and says so.
func TestServersThatTellTooMuch(t *testing.T) {
	const events = 600_000
	for name, event := range map[string]func(i int) trace.Event{
		"calls that waited": func(i int) trace.Event {
			return trace.Event{Kind: trace.Read, Thread: 1, FD: int32(i % 4096), Took: 300_000}
		},
		"calls that failed": func(i int) trace.Event {
			return trace.Event{Kind: trace.Read, Thread: uint32(i%1000 + 1), FD: 5, Errno: int32(i / 1000 % 4096)}
		},
		"threads": func(i int) trace.Event { return trace.Event{Kind: trace.Read, Thread: uint32(i + 1), FD: 5} },
		"threads that end": func(i int) trace.Event {
			return trace.Event{Kind: []trace.Kind{trace.ThreadStart, trace.ThreadExit}[i%2], Thread: uint32(i/2 + 1)}
		},
		"tasks": func(i int) trace.Event {
			return trace.Event{Kind: []trace.Kind{trace.TaskSpawn, trace.TaskPark, trace.TaskStep}[i%3], Thread: 1, FD: 5,
				Task: uint32(i/3 + 1)}
		},
		"one task that begins": func(i int) trace.Event {
			return trace.Event{Kind: trace.TaskSpawn, Thread: 1, FD: 5, Task: 1}
		},
		"connections": func(i int) trace.Event {
			return trace.Event{Kind: trace.Accept, Thread: 1, Arg: uint32(i % 65536), Result: int32(i % 4096)}
		},
		"calls for strangers": func(i int) trace.Event {
			if i < 4096 {
				return trace.Event{Kind: trace.Accept, Thread: 1, Arg: uint32(i + 2), Result: int32(i)}
			}
			return trace.Event{Kind: trace.Write, Thread: 1, FD: int32(i % 4096), Took: 300_000}
		},
		"buffers": func(i int) trace.Event {
			if i == 0 {
				return trace.Event{Kind: trace.Accept, Thread: 1, Arg: 1, Result: 5}
			}
			return trace.Event{Kind: []trace.Kind{trace.BufferHigh, trace.BufferLow}[i%2], Thread: 1, FD: 5, Arg: 1000}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := lies(t)
			before := live()
			for i := range events {
				l.tell(event(i))
				// Much more often than the lab looks, which keeps no more of what happens between two looks.
				if i%1000 == 999 {
					s.drain()
					s.timeline.Advance(int64(trace.Now()))
				}
			}
			s.drain()
			s.timeline.Advance(int64(trace.Now()))
			track := s.timeline.Track()
			if most := timeline.MaxMarks + 20_000; len(track.Marks) > most {
				t.Errorf("%d marks are kept, want at most %d", len(track.Marks), most)
			}
			if most := timeline.MaxLanes + 1; len(track.Lanes) > most {
				t.Errorf("%d lanes are kept, want at most %d", len(track.Lanes), most)
			}
			if grown := live() - before; grown > 120<<20 {
				t.Errorf("%d MiB more on the heap, want at most 120", grown>>20)
			}
			if s.kept()+s.dropped() != events || s.doubt != "" {
				t.Errorf("%d events in the picture and %d not make not %d; %s", s.kept(), s.dropped(), events, s.doubt)
			}
			said := sentences(s)
			if lost := s.timeline.Lost() > 0; lost != strings.Contains(said, "not complete") {
				t.Errorf("%d events lost, and the verdict says %q", s.timeline.Lost(), said)
			}
			t.Logf("%d marks, %d lanes, %d events lost, %d MiB", len(track.Marks), len(track.Lanes), s.timeline.Lost(),
				(live()-before)>>20)
			runtime.KeepAlive(s)
		})
	}
}

// live returns how much is reachable on the heap.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Impossible events are not shown, and then neither is anything else from the server: only what its clients saw is.
func TestServersThatLie(t *testing.T) {
	honest := trace.Event{Kind: trace.Read, Thread: 1, FD: 5, Took: 300_000}
	for name, c := range map[string]struct {
		lie  func(l *liar)
		want string
	}{
		"a kind": {func(l *liar) { l.tell(trace.Event{Kind: 60, Thread: 1}) }, "kind 60"},
		"a time": {func(l *liar) { l.tell(trace.Event{Kind: trace.Read, Thread: 1, At: 1}) },
			"at a time when there was no server"},
		"the future": {func(l *liar) { l.tell(trace.Event{Kind: trace.Read, Thread: 1, At: trace.Now() + 1e12}) },
			"at a time when"},
		"a length": {func(l *liar) {
			l.tell(trace.Event{Kind: trace.Read, Thread: 1, At: trace.Now(),
				Took: 1 << 63})
		}, "at a time when"},
		"an error": {func(l *liar) { l.tell(trace.Event{Kind: trace.Read, Thread: 1, Errno: 1 << 20}) },
			"error number 1048576"},
		"a descriptor": {func(l *liar) { l.tell(trace.Event{Kind: trace.Read, Thread: 1, FD: 4096}) },
			"descriptor 4096, and the server may have 4096"},
		"below zero": {func(l *liar) { l.tell(trace.Event{Kind: trace.SetNonblock, Thread: 1, FD: -2}) },
			"descriptor -2, and there is none"},
		"an accepted one": {func(l *liar) { l.tell(trace.Event{Kind: trace.Accept, Thread: 1, Result: 1 << 30}) },
			"descriptor 1073741824"},
		"a thread": {func(l *liar) { l.tell(trace.Event{Kind: trace.Read}) }, "thread 0"},
		"a port":   {func(l *liar) { l.tell(trace.Event{Kind: trace.Accept, Thread: 1, Arg: 65536}) }, "port 65536"},
		"a count": {func(l *liar) { l.count(trace.EpollWait, 8_680_820_740_569_200_760) },
			"it counts 8.68e+18 calls"},
		"a small count": {func(l *liar) { l.count(trace.EpollWait, ring+trace.MaxThreads+1) }, "it counts 147,45"},
		"the dropped":   {func(l *liar) { l.dropped(1 << 63) }, "it counts 9.22e+18 calls"},
		"threads at once": {func(l *liar) {
			for i := range trace.MaxThreads + 1 {
				l.tell(trace.Event{Kind: trace.Read, Thread: uint32(i + 1)})
			}
		}, "it has 16,385 threads at once"},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := lies(t)
			l.tell(honest)
			c.lie(l)
			l.tell(honest)
			// So that this is not the reason why a smaller number is not believed.
			for s.possible(int64(trace.Now())) < 1<<20 {
				runtime.Gosched()
			}
			s.drain()
			s.timeline.Finish(int64(trace.Now()), s.calls())
			counts := s.counts()
			if !strings.Contains(s.doubt, c.want) || s.traced().Seen() ||
				!strings.HasPrefix(s.traced().Why, "its trace is not believable") || counts != nil {
				t.Errorf("counts %v, traced %+v, want %q", counts, s.traced(), c.want)
			}
			if said := sentences(s); !strings.Contains(said, c.want) {
				t.Errorf("the verdict says %q, want %q", said, c.want)
			}
			for _, lane := range s.timeline.Track().Lanes {
				if lane.Kind != "connection" {
					t.Errorf("a lane is left: %+v", lane)
				}
			}
			if s.kept() != 0 || s.dropped() < 2 || s.timeline.Threads() != 0 || s.timeline.Accepted() != 0 {
				t.Errorf("%d kept, %d dropped, %d threads, %d accepted", s.kept(), s.dropped(), s.timeline.Threads(),
					s.timeline.Accepted())
			}
		})
	}
	s, l := lies(t)
	for range 3 {
		l.tell(honest)
	}
	s.drain()
	if counts := s.counts(); counts[trace.Read] != 3 || s.doubt != "" {
		t.Errorf("an honest server: %v, %s", counts, s.doubt)
	}
}
