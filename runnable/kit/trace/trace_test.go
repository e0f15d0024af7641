//go:build linux || darwin

package trace

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// attach makes this process write to a new trace file, as ERA_TRACE does before main.
func attach(t testing.TB, slots_ int) *Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace")
	r, err := Create(path, slots_)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mapFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkHeader(m); err != nil {
		t.Fatal(err)
	}
	memory, slots = m, uint64(slots_)
	t.Cleanup(func() {
		memory, slots = nil, 0
		sites.Clear() // their numbers belong to the file
		if err := unmap(m); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// sysCall stands for a function of kit/sys: the line that calls it is the event's.
//
//go:noinline
func sysCall(kind Kind, fd, result, errno int, arg uint32) {
	call := Begin(kind, fd)
	call.End(result, errno, arg)
}

//go:noinline
func sysRead(fd int) int {
	call := Begin(Read, fd)
	call.End(0, 0, 0)
	return 0
}

// TestKilledAtTheEnd: a server that is killed while it notes that a call has returned leaves the call counted, or still under
// way, and never neither. Here it dies of the page with the counts, which it may not write.
func TestKilledAtTheEnd(t *testing.T) {
	if os.Getenv(Env) != "" { // the server
		call := Begin(Read, 7)
		if err := unix.Mprotect(memory[:sitesAt], unix.PROT_READ); err == nil {
			call.End(0, 0, 0)
		}
		return
	}
	path := filepath.Join(t.TempDir(), "trace")
	r, err := Create(path, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	server := exec.Command(os.Args[0], "-test.run", "^TestKilledAtTheEnd$")
	server.Env = append(os.Environ(), Env+"="+path)
	if out, err := server.CombinedOutput(); err == nil {
		t.Fatalf("the server wrote on a page that it may not write: %s", out)
	}
	if counted, open := r.Counts()[Read], len(r.InCall()); counted != 0 || open != 1 {
		t.Errorf("%d calls counted and %d under way, want 0 and 1", counted, open)
	}
}

func here() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("kit/trace/%s:%d", filepath.Base(file), line)
}

func TestEvent(t *testing.T) {
	r := attach(t, 8)
	before := Now()
	sysCall(Read, 7, -1, 11, 3)
	first, ok := r.Next()
	if !ok {
		t.Fatal("no event")
	}
	if first.At < before || first.At+first.Took > Now() {
		t.Errorf("the event lasted from %d for %d ns, the test from %d to %d", first.At, first.Took, before, Now())
	}
	first.At, first.Took = 0, 0
	want := Event{Thread: threadID(), Kind: Read, Site: first.Site, FD: 7, Result: -1, Errno: 11, Arg: 3}
	if first != want {
		t.Errorf("got %+v, want %+v", first, want)
	}
	if e, ok := r.Next(); ok {
		t.Errorf("another event: %+v", e)
	}
}

// TestSite: an event's line is the very line that made the call, and two lines are two sites.
func TestSite(t *testing.T) {
	r := attach(t, 8)
	line, _ := here(), sysRead(1)
	func() { sysCall(Write, 1, 0, 0, 0) }()
	for range 3 {
		sysCall(Close, 1, 0, 0, 0)
	}
	var got []string
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		got = append(got, e.Site)
	}
	if len(got) != 5 || got[0] != line || got[1] == line || got[2] == got[1] || got[2] != got[4] {
		t.Errorf("the calls of %s and the two after it came from %q", line, got)
	}
}

func TestFullRing(t *testing.T) {
	r := attach(t, 8)
	for i := range 20 {
		sysCall(Write, i, 0, 0, 0)
	}
	for i := range 8 {
		if e, ok := r.Next(); !ok || e.FD != int32(i) {
			t.Fatalf("event %d: %+v, %v", i, e, ok)
		}
	}
	if _, ok := r.Next(); ok {
		t.Error("the ring of 8 held a ninth event")
	}
	if dropped, counts := r.Dropped(), r.Counts(); dropped != 12 || counts[Write] != 20 || len(counts) != 1 {
		t.Errorf("dropped %d, counted %v; want 12 of 20 writes", dropped, counts)
	}
	sysCall(Close, 99, 0, 0, 0)
	if e, ok := r.Next(); !ok || e.FD != 99 || e.Kind != Close {
		t.Errorf("after the ring was emptied: %+v, %v", e, ok)
	}
}

// TestConcurrentWriters: events of many goroutines come out whole, each writer's in its order, and kept and dropped are
// together what was written.
func TestConcurrentWriters(t *testing.T) {
	r := attach(t, 64)
	const writers, each = 8, 5000
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				sysCall(Write, w, i, w+1, uint32(w*each+i))
			}
		})
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()

	kept, last := 0, [writers]int32{}
	read := func() {
		for e, ok := r.Next(); ok; e, ok = r.Next() {
			kept++
			if e.Errno != e.FD+1 || int(e.Arg) != int(e.FD)*each+int(e.Result) {
				t.Fatalf("an event of two writers: %+v", e)
			}
			if e.Result < last[e.FD] {
				t.Fatalf("writer %d's event %d came after %d", e.FD, e.Result, last[e.FD])
			}
			last[e.FD] = e.Result
		}
	}
	for finished := false; !finished; {
		select {
		case <-done:
			finished = true
		default:
		}
		read()
	}
	if total := kept + int(r.Dropped()); total != writers*each || r.Counts()[Write] != writers*each {
		t.Errorf("%d kept and %d dropped, counted %d; want %d", kept, r.Dropped(), r.Counts()[Write], writers*each)
	}
}

//go:noinline
func begin(kind Kind, fd int) Call { return Begin(kind, fd) }

func TestInCall(t *testing.T) {
	r := attach(t, 8)
	if calls := r.InCall(); len(calls) != 0 {
		t.Errorf("before any call: %+v", calls)
	}
	call := begin(Accept, 3)
	calls := r.InCall()
	if len(calls) != 1 || calls[0].Kind != Accept || calls[0].FD != 3 || calls[0].Thread != threadID() ||
		calls[0].Site == "" {
		t.Errorf("in accept(3): %+v", calls)
	}
	if _, ok := r.Next(); ok || len(r.Counts()) != 0 {
		t.Error("a call that has not returned is an event already")
	}
	call.End(4, 0, 0)
	if calls := r.InCall(); len(calls) != 0 {
		t.Errorf("after the call: %+v", calls)
	}
}

// TestSkip: a place that a killed writer claimed and did not fill holds up the reader until it skips.
func TestSkip(t *testing.T) {
	r := attach(t, 8)
	u64(memory, offHead).Add(1)
	sysCall(Read, 5, 0, 0, 0)
	if _, ok := r.Next(); ok {
		t.Error("read past a place that is not filled")
	}
	if !r.Skip() {
		t.Error("there was something to skip")
	}
	if e, ok := r.Next(); !ok || e.FD != 5 {
		t.Errorf("after the skip: %+v, %v", e, ok)
	}
	if r.Skip() {
		t.Error("skipped a place that was never claimed")
	}
}

func TestNotTraced(t *testing.T) {
	sysCall(Read, 1, 0, 0, 0) // must not touch memory that is not there
	Note(Sleep, 0)
}

// The place of a file below runnable tells it apart from those of the same name.
func TestBelow(t *testing.T) {
	for file, want := range map[string]string{
		"/home/me/era/runnable/bridge/app.go":       "bridge/app.go",
		"era/runnable/kit/wsgi/bridge/app.go":       "kit/wsgi/bridge/app.go",
		"./runnable/select/../kit/c/job.h":          "select/../kit/c/job.h",
		"runnable/select/server.py":                 "select/server.py",
		"/src/runnable/era/runnable/select/main.go": "select/main.go",
		"/usr/lib/go/src/net/net.go":                "",
		"/home/me/unrunnable/main.go":               "",
	} {
		if got, ok := Below(file); ok != (want != "") || ok && got != want {
			t.Errorf("%s is %q, %t below runnable; want %q", file, got, ok, want)
		}
	}
}

// Half a path may be that of another file.
func TestASiteThatIsTooLong(t *testing.T) {
	r := attach(t, 8)
	if longest := strings.Repeat("x", maxSite); addSite(longest+"x") != 0 || addSite(longest) != 1 ||
		r.site(1) != longest {
		t.Errorf("of a path of %d bytes there is %q", len(longest), r.site(1))
	}
}

func TestTooManySites(t *testing.T) {
	r := attach(t, 8)
	for range MaxSites {
		addSite("x")
	}
	sysCall(Read, 1, 0, 0, 0)
	if e, ok := r.Next(); !ok || e.Site != "" {
		t.Errorf("with a full table: %+v, %v", e, ok)
	}
}

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	for _, slots := range []int{math.MinInt, -1, 0, 3, 100} {
		if _, err := Create(path, slots); err == nil {
			t.Errorf("made a ring of %d", slots)
		}
	}
	r, err := Create(path, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := Create(path, 8); err == nil {
		t.Error("made a file that was there")
	}
	m, err := mapFile(path)
	if err != nil {
		t.Fatal(err)
	}
	u32(m, offSlots).Store(16) // more than the file has room for
	if checkHeader(m) == nil {
		t.Error("took a file too short for its ring")
	}
	u64(m, offMagic).Store(0)
	if checkHeader(m) == nil {
		t.Error("took a file without the magic number")
	}
}

// BenchmarkEvent is what tracing adds to a call: two looks at the clock, the source line, and the event.
func BenchmarkEvent(b *testing.B) {
	r := attach(b, 1<<16)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // keeps the ring from filling up, as the lab does
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, ok := r.Next(); ok; _, ok = r.Next() {
			}
			runtime.Gosched()
		}
	}()
	for b.Loop() {
		sysCall(Read, 3, 0, 0, 0)
	}
	close(stop)
	<-stopped
}
