package readiness

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"era/runnable/kit/sys"
)

func readAll(t *testing.T, fd int) (total int) {
	t.Helper()
	for {
		n, err := sys.Read(fd, make([]byte, 4096))
		if err == sys.EAGAIN {
			return total
		}
		must(t, err)
		total += n
	}
}

// TestC2_7: edge-triggered epoll reports changes. A reader that takes a part and waits for the rest waits forever.
func TestC2_7_EdgeReportsChanges(t *testing.T) {
	for _, test := range []struct {
		name       string
		make       func() (Selector, error)
		afterAPart int
	}{{"level", NewEpoll, 1}, {"edge", NewEpollEdge, 0}} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, test.make)
			here, there := pair(t)
			must(t, s.Register(here, Readable, nil))
			sys.Write(there, bytes.Repeat([]byte("x"), 2048))
			if got := wait(t, s, -1); len(got) != 1 {
				t.Fatalf("2048 bytes there: %v", got)
			}
			if n, err := sys.Read(here, make([]byte, 1024)); n != 1024 || err != nil {
				t.Fatalf("read %d, %v", n, err)
			}
			if got := wait(t, s, 0); len(got) != test.afterAPart {
				t.Errorf("1024 bytes left: %v", got)
			}
			sys.Write(there, []byte("y")) // a change: reported again
			if got := wait(t, s, -1); len(got) != 1 {
				t.Errorf("a new byte there: %v", got)
			}
		})
	}
}

// TestC2_8: a reader that reads until EAGAIN misses nothing. With EPOLLONESHOT a descriptor is reported once, until it
// is armed again.
func TestC2_8_UntilEAGAIN(t *testing.T) {
	s := open(t, NewEpollEdge)
	here, there := pair(t)
	must(t, s.Register(here, Readable, nil))
	for size := 1; size < 1<<15; size *= 7 {
		sys.Write(there, make([]byte, size))
		wait(t, s, -1)
		if n := readAll(t, here); n != size {
			t.Errorf("read %d of %d", n, size)
		}
	}

	epfd := s.(*epolling).epfd
	must(t, sys.EpollCtl(epfd, sys.EPOLL_CTL_MOD, here, sys.EPOLLIN|sys.EPOLLET|sys.EPOLLONESHOT))
	sys.Write(there, []byte("x"))
	wait(t, s, -1)
	sys.Write(there, []byte("y"))
	if got := wait(t, s, 0); len(got) != 0 {
		t.Errorf("one shot, and reported again: %v", got)
	}
	must(t, sys.EpollCtl(epfd, sys.EPOLL_CTL_MOD, here, sys.EPOLLIN|sys.EPOLLET|sys.EPOLLONESHOT))
	if got := wait(t, s, -1); len(got) != 1 {
		t.Errorf("asked for again: %v", got)
	}
}

// TestC2_9: a server that reads one client until EAGAIN serves no other while that client keeps sending. A list of the
// descriptors that are still ready, with a budget for each turn, cures it. The test counts the reads from the fast
// client before the slow client's byte.
func TestC2_9_StarvationAndBudget(t *testing.T) {
	const piece, budget, supply = 4096, 2, 100
	run := func(t *testing.T, budget int) (readBefore int) {
		s := open(t, NewEpollEdge)
		hose, hoseEnd := pair(t)
		polite, politeEnd := pair(t)
		must(t, s.Register(hose, Readable, nil), s.Register(polite, Readable, nil))
		sys.Write(hoseEnd, make([]byte, piece))
		sys.Write(politeEnd, []byte("x"))
		left := supply
		var ready []int // descriptors that may have more, in turn
		for {
			for len(ready) == 0 {
				for _, r := range wait(t, s, -1) {
					ready = append(ready, r.FD)
				}
				slices.Sort(ready) // the fast client first
			}
			fd := ready[0]
			ready = ready[1:]
			for reads := 0; ; reads++ {
				if reads == budget {
					ready = append(ready, fd) // to the end of the list
					break
				}
				_, err := sys.Read(fd, make([]byte, piece))
				if err == sys.EAGAIN {
					break
				}
				must(t, err)
				if fd == polite {
					return readBefore
				}
				if readBefore++; left > 0 { // the fast client keeps up with the server
					left--
					sys.Write(hoseEnd, make([]byte, piece))
				}
			}
		}
	}
	if got := run(t, -1); got != supply+1 {
		t.Errorf("without a budget the slow client waited for %d reads, want all %d", got, supply+1)
	}
	if got := run(t, budget); got > budget {
		t.Errorf("with a budget of %d the slow client waited for %d reads", budget, got)
	}
}

// TestC2_10: an event of a batch may name a descriptor that was closed while an earlier event was handled, and whose
// number already names another connection.
func TestC2_10_StaleEventInABatch(t *testing.T) {
	s := open(t, NewEpoll)
	a, aEnd := pair(t)
	b, bEnd := pair(t)
	must(t, s.Register(a, Readable, nil), s.Register(b, Readable, nil))
	sys.Write(aEnd, []byte("x"))
	sys.Write(bEnd, []byte("x"))
	batch := wait(t, s, -1)
	if len(batch) != 2 {
		t.Fatalf("one batch of two: %v", batch)
	}
	second := batch[1].FD
	must(t, s.Unregister(second), sys.Close(second)) // as the handling of the first event may do
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(t, err, sys.SetNonblock(fds[0], true), sys.SetNonblock(fds[1], true))
	defer sys.Close(fds[1])
	if fds[0] != second {
		sys.Close(fds[0])
		t.Skipf("SKIPPED: number %d was not given out again at once", second)
	}
	if _, err := sys.Read(batch[1].FD, make([]byte, 1)); err != sys.EAGAIN {
		t.Errorf("the batch reported it readable; reading its number returned %v", err)
	}
	if got := wait(t, s, 0); len(got) != 1 || got[0] != batch[0] {
		t.Errorf("the next wait: %v", got)
	}
}

// TestC2_11: what happens between two waits is one event.
func TestC2_11_EventsAreCombined(t *testing.T) {
	s := open(t, NewEpollEdge)
	here, there := pair(t)
	must(t, s.Register(here, Readable, nil))
	for range 3 {
		sys.Write(there, []byte("x"))
	}
	if got := wait(t, s, -1); len(got) != 1 {
		t.Errorf("three writes: %v", got)
	}
	if got := wait(t, s, 0); len(got) != 0 {
		t.Errorf("and then: %v", got)
	}
}

// TestC2_12: an interest belongs to the open file, which a duplicate keeps open. Closing the descriptor does not remove
// the interest, and afterwards it cannot be removed.
func TestC2_12_ClosedButDuplicated(t *testing.T) {
	s := open(t, NewEpoll)
	here, there := pair(t)
	duplicate, err := unix.FcntlInt(uintptr(here), unix.F_DUPFD_CLOEXEC, 0)
	must(t, err, s.Register(here, Readable, nil), sys.Close(here))
	sys.Write(there, []byte("x"))
	if got := wait(t, s, -1); len(got) != 1 || got[0].FD != here {
		t.Errorf("closed, and a duplicate is open: %v, want %d", got, here)
	}
	if err := s.Unregister(here); err != unix.EBADF {
		t.Errorf("unregister the closed one: %v", err)
	}
	if got := wait(t, s, 0); len(got) != 1 {
		t.Errorf("closed and unregistered too late: %v", got)
	}
	must(t, sys.Close(duplicate))
	if got := wait(t, s, 0); len(got) != 0 {
		t.Errorf("the last duplicate closed: %v", got)
	}
}

// TestC2_12_Lazy: a descriptor that is closed without being unregistered, while a duplicate is open, is reported
// forever and cannot be unregistered. A lazy selector returns an error instead of spinning.
func TestC2_12_Lazy(t *testing.T) {
	s := open(t, NewLazy)
	here, there := pair(t)
	duplicate, err := unix.FcntlInt(uintptr(here), unix.F_DUPFD_CLOEXEC, 0)
	must(t, err, s.Register(here, Readable, nil), s.Unregister(here), sys.Close(here))
	defer sys.Close(duplicate)
	sys.Write(there, []byte("x"))
	if ready, err := s.Wait(0); !errors.Is(err, unix.EBADF) {
		t.Errorf("%v, %v", ready, err)
	}
}
