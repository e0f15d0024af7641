//go:build linux || darwin

package lab

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/timeline"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

// A server shares the memory of its trace, so it can write anything there. The lab believes no impossible event, but
// even the rest must cause no error: no impossible mark is drawn from it.
func TestTraceOfGarbage(t *testing.T) {
	const slots = 1 << 10
	sites := newSites("/proc/self/exe") // shared, as it takes seconds to read them under the race detector
	for seed := range uint64(20) {
		chance := rand.New(rand.NewPCG(seed, 1))
		path := filepath.Join(t.TempDir(), "trace")
		reader, err := trace.Create(path, slots)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		spoil(t, path, slots, chance)
		zero := int64(trace.Now())
		s := &side{watched: watched{reader: reader, sites: sites}}
		clients := []scenario.Client{{Name: "one"}, {Name: "two"}}
		s.timeline = timeline.New(zero, clients, s.sites.locate)
		for n := range clients {
			s.timeline.Client(traffic.Event{At: zero + int64(n), What: traffic.Connected, Client: n, Port: n})
		}
		for e, ok := reader.Next(); ok; e, ok = reader.Next() { // as if the lab believed all of it
			s.timeline.Server(happened(e, trace.Now()))
		}
		s.timeline.Advance(int64(trace.Now()))
		end := int64(trace.Now())
		s.timeline.Finish(end, s.reader.InCall())
		track := s.timeline.Track()
		if len(track.Marks) == 0 {
			t.Errorf("seed %d: nothing drawn", seed)
		}
		for _, m := range track.Marks {
			if m.At < 0 || m.Took < 0 || m.At+m.Took > end-zero || m.Lane < 0 || m.Lane >= len(track.Lanes) || m.Count < 1 {
				t.Fatalf("seed %d: impossible mark %+v in %d ns", seed, m, end-zero)
			}
		}
		for _, site := range track.Sites {
			if !filepath.IsLocal(site.File) || site.Line < 1 {
				t.Errorf("seed %d: impossible line %+v", seed, site)
			}
		}
		timeline.Compact(track, 100)
		longest(track)
		_ = recording.Recording{Tracks: []recording.Track{track}}
	}
}

// A server may truncate the file that both have mapped. That harms only the server, not the lab.
func TestTraceCutShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	reader, err := trace.Create(path, 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := os.Truncate(path, 4096); err != nil {
		t.Fatal(err)
	}
	zero := int64(trace.Now())
	s := &side{watched: watched{reader: reader, sites: newSites("/proc/self/exe")},
		program: process.Program{Traced: recording.Traced{How: process.TracedInProcess}}}
	s.timeline = timeline.New(zero, []scenario.Client{{Name: "one"}}, s.sites.locate)
	s.drain()
	if calls := s.calls(); len(calls) > 0 {
		t.Errorf("calls in a trace that is gone: %v", calls)
	}
	s.timeline.Advance(int64(trace.Now()))
	if n, counts := s.dropped(), reader.Counts(); n != 0 || len(counts) > 0 {
		t.Errorf("%d dropped, counts %v", n, counts)
	}
	if !reader.Broken() || s.traced().Seen() || !strings.HasPrefix(s.traced().Why, "it cut its trace short") {
		t.Errorf("traced: %+v", s.traced())
	}
}

// spoil fills a trace file with random bytes, except for what makes the reader look at them: the header's first words
// and the events' numbers.
func spoil(t *testing.T, path string, slots int, chance *rand.Rand) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	events := trace.Size(0)
	sizeOfEvent := (trace.Size(slots) - events) / slots
	for at := 64; at < len(data); at += 8 {
		binary.LittleEndian.PutUint64(data[at:], chance.Uint64()>>(chance.Uint64()%64))
	}
	for n := range slots {
		event := data[events+n*sizeOfEvent:]
		binary.LittleEndian.PutUint64(event, uint64(n+1))
		switch n % 3 {
		case 0: // begun in the past, lasts into the future
			binary.LittleEndian.PutUint64(event[8:], trace.Now()-uint64(n))
			binary.LittleEndian.PutUint64(event[16:], 1<<40)
		case 1: // lies in the future
			binary.LittleEndian.PutUint64(event[8:], trace.Now()+1<<40)
		}
		if n%2 == 0 { // some known kind, and one of the clients
			binary.LittleEndian.PutUint16(event[28:], uint16(n%20))
			binary.LittleEndian.PutUint32(event[40:], uint32(n%2))
			binary.LittleEndian.PutUint32(event[44:], uint32(n%3))
		}
	}
	sites := data[4096:]
	for n := range 256 {
		site := sites[n*128:]
		binary.LittleEndian.PutUint32(site, 2)
		copy(site[4:], []string{"../../../etc/passwd:1\x00", "@ffffffffffffffff\x00", "a:-5\x00", ":\x00"}[n%4])
	}
	// Written in place: the reader has the file mapped.
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
