//go:build linux || darwin

package readiness

import (
	"errors"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"era/runnable/kit/sys"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// pair returns the two ends of a stream connection, both non-blocking.
func pair(t *testing.T) (here, there int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(t, err, sys.SetNonblock(fds[0], true), sys.SetNonblock(fds[1], true))
	t.Cleanup(func() { sys.Close(fds[0]); sys.Close(fds[1]) }) // may be closed already
	return fds[0], fds[1]
}

func open(t *testing.T, make func() (Selector, error)) Selector {
	t.Helper()
	s, err := make()
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func wait(t *testing.T, s Selector, timeout time.Duration) []Ready {
	t.Helper()
	for {
		ready, err := s.Wait(timeout)
		must(t, err)
		if len(ready) > 0 || timeout >= 0 {
			return slices.Clone(ready)
		}
	}
}

// each runs a test with every level-triggered selector of this system.
func each(t *testing.T, test func(t *testing.T, s Selector)) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) { test(t, open(t, kind.make)) })
	}
}

func TestReadyAndNot(t *testing.T) {
	each(t, func(t *testing.T, s Selector) {
		here, there := pair(t)
		must(t, s.Register(here, Readable, nil))
		if got := wait(t, s, 0); len(got) != 0 {
			t.Errorf("with nothing there: %v", got)
		}
		sys.Write(there, []byte("x"))
		want := []Ready{{here, Readable, nil}}
		for range 2 { // a state is reported as long as it lasts
			if got := wait(t, s, -1); !slices.Equal(got, want) {
				t.Errorf("with a byte there: %v, want %v", got, want)
			}
		}
		must(t, s.Modify(here, Writable, nil))
		if got, want := wait(t, s, -1), []Ready{{here, Writable, nil}}; !slices.Equal(got, want) {
			t.Errorf("wanting to write: %v, want %v", got, want)
		}
		must(t, s.Modify(here, Readable|Writable, nil))
		var both Events
		for _, r := range wait(t, s, -1) {
			both |= r.Events
		}
		if both != Readable|Writable {
			t.Errorf("wanting both: %v", both)
		}
		must(t, s.Unregister(here))
		if got := wait(t, s, 0); len(got) != 0 {
			t.Errorf("unregistered: %v", got)
		}
	})
}

// TestDataComesBack: an event carries the data that was registered last with its descriptor.
func TestDataComesBack(t *testing.T) {
	each(t, func(t *testing.T, s Selector) {
		one, oneEnd := pair(t)
		two, twoEnd := pair(t)
		must(t, s.Register(one, Readable, "one"), s.Register(two, Readable, "two"))
		got := func() map[int]any {
			got := map[int]any{}
			for _, r := range wait(t, s, 0) {
				got[r.FD] = r.Data
			}
			return got
		}
		sys.Write(oneEnd, []byte("x"))
		sys.Write(twoEnd, []byte("x"))
		if got, want := got(), map[int]any{one: "one", two: "two"}; !maps.Equal(got, want) {
			t.Errorf("registered: %v, want %v", got, want)
		}
		must(t, s.Modify(two, Readable, "changed"), s.Unregister(one))
		if got, want := got(), map[int]any{two: "changed"}; !maps.Equal(got, want) {
			t.Errorf("modified: %v, want %v", got, want)
		}
		must(t, s.Unregister(two), s.Register(two, Readable, "again"))
		if got, want := got(), map[int]any{two: "again"}; !maps.Equal(got, want) {
			t.Errorf("registered again: %v, want %v", got, want)
		}
	})
}

func TestWatchedTwiceAndNever(t *testing.T) {
	each(t, func(t *testing.T, s Selector) {
		here, _ := pair(t)
		if err := s.Modify(here, Readable, nil); err != sys.ENOENT {
			t.Errorf("modify what is not watched: %v", err)
		}
		if err := s.Unregister(here); err != sys.ENOENT {
			t.Errorf("unregister what is not watched: %v", err)
		}
		if err := s.Register(here, 0, nil); err != ErrNoEvents {
			t.Errorf("register for nothing: %v", err)
		}
		must(t, s.Register(here, Readable, nil))
		if err := s.Register(here, Readable, nil); err != sys.EEXIST {
			t.Errorf("register twice: %v", err)
		}
		if err := s.Modify(here, 0, nil); err != ErrNoEvents {
			t.Errorf("modify to nothing: %v", err)
		}
	})
}

// TestC2_4: end of file is readable.
func TestC2_4_EndOfFileIsReadable(t *testing.T) {
	each(t, func(t *testing.T, s Selector) {
		here, there := pair(t)
		must(t, s.Register(here, Readable, nil), sys.Close(there))
		if got, want := wait(t, s, -1), []Ready{{here, Readable, nil}}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if n, err := sys.Read(here, make([]byte, 1)); n != 0 || err != nil {
			t.Errorf("read: %d, %v", n, err)
		}
	})
}

// TestC2_6: an error wakes a reader or writer that waits, and data may remain after the peer hung up.
func TestC2_6_ErrorsWakeWriters(t *testing.T) {
	each(t, func(t *testing.T, s Selector) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		refusing := l.Addr().(*net.TCPAddr).AddrPort()
		must(t, l.Close())
		fd, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
		must(t, err, sys.SetNonblock(fd, true))
		defer sys.Close(fd)
		sys.Connect(fd, refusing) // refused now or soon
		must(t, s.Register(fd, Writable, nil))
		if got, want := wait(t, s, -1), []Ready{{fd, Writable, nil}}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
	each(t, func(t *testing.T, s Selector) {
		here, there := pair(t)
		sys.Write(there, []byte("last words"))
		must(t, sys.Close(there), s.Register(here, Readable, nil))
		wait(t, s, -1)
		if n, err := sys.Read(here, make([]byte, 100)); n != 10 || err != nil {
			t.Errorf("after the hang-up read %d, %v", n, err)
		}
	})
}

// TestManyDescriptors: the list may change between waits, and the right descriptors are reported.
func TestManyDescriptors(t *testing.T) {
	each(t, func(t *testing.T, s Selector) {
		var here, there [20]int
		for i := range here {
			here[i], there[i] = pair(t)
			must(t, s.Register(here[i], Readable, nil))
		}
		must(t, s.Unregister(here[0]), s.Unregister(here[7]))
		for _, i := range []int{0, 3, 7, 19} {
			sys.Write(there[i], []byte("x"))
		}
		var got []int
		for _, r := range wait(t, s, -1) {
			got = append(got, slices.Index(here[:], r.FD))
		}
		slices.Sort(got)
		if !slices.Equal(got, []int{3, 19}) {
			t.Errorf("ready: %v, want 3 and 19", got)
		}
	})
}

// TestC2_1: select limits the numbers of descriptors, not how many there are.
func TestC2_1_SelectNamesLowNumbersOnly(t *testing.T) {
	s := open(t, NewSelect)
	here, _ := pair(t)
	high, err := unix.FcntlInt(uintptr(here), unix.F_DUPFD_CLOEXEC, sys.FD_SETSIZE)
	if err != nil {
		t.Skipf("SKIPPED: no descriptor beyond %d available: %v", sys.FD_SETSIZE, err)
	}
	defer sys.Close(high)
	if err := s.Register(high, Readable, nil); err == nil {
		t.Errorf("watches descriptor %d", high)
	}
	must(t, open(t, NewPoll).Register(high, Readable, nil), open(t, New).Register(high, Readable, nil))
}

// TestC2_6_Timeout: a timeout below a millisecond is not rounded down to 0, or a loop would spin until its timer is
// due.
func TestC2_6_TimeoutRoundsUp(t *testing.T) {
	each(t, func(t *testing.T, s Selector) {
		const timeout = 300 * time.Microsecond
		start := time.Now()
		for range 3 {
			wait(t, s, timeout)
		}
		if took := time.Since(start); took < 3*timeout {
			t.Errorf("three waits of %v took %v", timeout, took)
		}
	})
}
