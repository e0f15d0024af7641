//go:build linux || darwin

package readiness

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"era/runnable/kit/sys"
)

// recorder is a selector that records the calls that a lazy selector makes to it.
type recorder struct {
	Selector
	calls []string
}

func (s *recorder) Register(fd int, want Events, data any) error {
	s.calls = append(s.calls, fmt.Sprint("register ", want))
	return s.Selector.Register(fd, want, data)
}

func (s *recorder) Modify(fd int, want Events, data any) error {
	s.calls = append(s.calls, fmt.Sprint("modify ", want))
	return s.Selector.Modify(fd, want, data)
}

func (s *recorder) Unregister(fd int) error {
	s.calls = append(s.calls, "unregister")
	return s.Selector.Unregister(fd)
}

func lazily(t *testing.T) (Selector, *recorder) {
	below := &recorder{Selector: open(t, New)}
	return &lazy{Selector: below}, below
}

func (s *recorder) want(t *testing.T, calls ...string) {
	t.Helper()
	if !slices.Equal(s.calls, calls) {
		t.Errorf("the kernel received %q, want %q", s.calls, calls)
	}
}

// numbered makes fd, a free number, a duplicate of the descriptor other.
func numbered(t *testing.T, fd, other int) {
	t.Helper()
	must(t, unix.Dup2(other, fd), sys.SetNonblock(fd, true))
}

func TestLazyTheSameWaitAgain(t *testing.T) {
	s, below := lazily(t)
	here, there := pair(t)
	for range 5 {
		must(t, s.Register(here, Readable, nil))
		sys.Write(there, []byte("x"))
		if got := wait(t, s, -1); !slices.Equal(got, []Ready{{here, Readable, nil}}) {
			t.Fatalf("a byte there: %v", got)
		}
		must(t, s.Unregister(here))
		sys.Read(here, make([]byte, 1))
	}
	below.want(t, "register 1")
	must(t, s.Register(here, Writable, nil)) // another wait
	if got := wait(t, s, -1); !slices.Equal(got, []Ready{{here, Writable, nil}}) {
		t.Errorf("room to write: %v", got)
	}
	below.want(t, "register 1", "modify 2")
}

func TestLazyUnwantedEvent(t *testing.T) {
	s, below := lazily(t)
	here, there := pair(t)
	must(t, s.Register(here, Readable, nil), s.Unregister(here))
	sys.Write(there, []byte("x"))
	if got := wait(t, s, 0); len(got) != 0 {
		t.Errorf("reported: %v", got)
	}
	below.want(t, "register 1", "unregister")
	if got := wait(t, below, 0); len(got) != 0 {
		t.Errorf("the kernel still reports %v", got)
	}
	must(t, s.Register(here, Readable, nil))
	if got := wait(t, s, 0); len(got) != 1 {
		t.Errorf("wanted again: %v", got)
	}
	below.want(t, "register 1", "unregister", "register 1")
}

// next is a selector whose waits return the next element of the list at once.
type next struct {
	Selector
	waits [][]Ready
}

func (s *next) Wait(time.Duration) (ready []Ready, err error) {
	ready, s.waits = s.waits[0], s.waits[1:]
	return ready, nil
}

// TestLazyWaitsOn: an unwanted event does not end a wait without a timeout. A scheduler that tries accept again after
// every wait would never sleep while no descriptor is free.
func TestLazyWaitsOn(t *testing.T) {
	unwanted, _ := pair(t)
	here, _ := pair(t)
	script := &next{Selector: open(t, New), waits: [][]Ready{{{unwanted, Readable, nil}}, {{here, Readable, nil}}}}
	s := &lazy{Selector: script}
	must(t, s.Register(unwanted, Readable, nil), s.Unregister(unwanted), s.Register(here, Readable, nil))
	got, err := s.Wait(-1)
	must(t, err)
	if !slices.Equal(got, []Ready{{here, Readable, nil}}) {
		t.Errorf("the first event is unwanted: %v", got)
	}
}

func TestLazyOneOfTwoIsNotWanted(t *testing.T) {
	s, below := lazily(t)
	here, there := pair(t)
	must(t, s.Register(here, Readable|Writable, nil), s.Modify(here, Readable, nil))
	if got := wait(t, s, 0); len(got) != 0 {
		t.Errorf("writable, which is not wanted: %v", got)
	}
	below.want(t, "register 3", "modify 1")
	sys.Write(there, []byte("x"))
	if got := wait(t, s, 0); !slices.Equal(got, []Ready{{here, Readable, nil}}) {
		t.Errorf("readable: %v", got)
	}
	below.want(t, "register 3", "modify 1")
}

// TestLazyNumbersAreUsedAgain: close removes the kernel's registration, so the next file with that number needs one of
// its own, whether the last one's wait was ended or not.
func TestLazyNumbersAreUsedAgain(t *testing.T) {
	for _, ended := range []bool{true, false} {
		s, below := lazily(t)
		here, _ := pair(t)
		must(t, s.Register(here, Readable, nil))
		if ended {
			must(t, s.Unregister(here))
		}
		must(t, sys.Close(here))
		next, nextEnd := pair(t) // takes the number, or a higher one
		if next != here {
			numbered(t, here, next)
		}
		if err := s.Modify(here, Readable, nil); err != sys.ENOENT {
			t.Errorf("modify a new file's: %v", err)
		}
		must(t, s.Register(here, Readable, nil))
		sys.Write(nextEnd, []byte("x"))
		if got := wait(t, s, 0); !slices.Equal(got, []Ready{{here, Readable, nil}}) {
			t.Errorf("ended %v: the next file of the number: %v", ended, got)
		}
		below.want(t, "register 1", "register 1")
	}
}
