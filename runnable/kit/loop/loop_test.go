//go:build linux || darwin

package loop

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// still is a selector that moves a clock instead of waiting, and records the timeouts of its waits.
type still struct {
	readiness.Selector
	now   time.Time
	waits []time.Duration
}

func (s *still) Wait(timeout time.Duration) ([]readiness.Ready, error) {
	s.waits = append(s.waits, timeout)
	if timeout > 0 {
		s.now = s.now.Add(timeout)
		timeout = 0
	}
	return s.Selector.Wait(timeout)
}

func open(t *testing.T) (*Loop, *still) {
	t.Helper()
	s, err := readiness.NewLazy()
	must(t, err)
	clock := &still{Selector: s, now: time.Unix(0, 0)}
	l, err := New(clock)
	must(t, err)
	l.SetClock(func() time.Time { return clock.now })
	t.Cleanup(func() { must(t, l.Close()) })
	return l, clock
}

func pipe(t *testing.T) (r, w int) {
	t.Helper()
	r, w, err := sys.Pipe()
	must(t, err, sys.SetNonblock(r, true), sys.SetNonblock(w, true))
	t.Cleanup(func() { sys.Close(r); sys.Close(w) })
	return r, w
}

// TestC4_6_OneTurn: I/O first, then due timers, then exactly the callbacks that are ready at that moment.
func TestC4_6_OneTurn(t *testing.T) {
	l, clock := open(t)
	r, w := pipe(t)
	sys.Write(w, []byte("x"))
	var log []string
	note := func(what string) func() { return func() { log = append(log, what) } }
	must(t, l.AddReader(r, func() {
		note("readable")()
		sys.Read(r, make([]byte, 1))
	}))
	l.CallLater(0, note("timer"))
	l.CallSoon(func() {
		note("first")()
		l.CallSoon(note("queued by first"))
		l.CallSoon(l.Stop)
	})
	must(t, l.turn())
	if got, want := strings.Join(log, ", "), "first, readable, timer"; got != want {
		t.Errorf("one turn: %s; want %s", got, want)
	}
	must(t, l.Run())
	if got, want := strings.Join(log, ", "), "first, readable, timer, queued by first"; got != want {
		t.Errorf("two turns: %s; want %s", got, want)
	}
	if want := []time.Duration{0, 0}; !slices.Equal(clock.waits, want) {
		t.Errorf("with callbacks ready it waited %v, want %v", clock.waits, want)
	}
}

// TestC4_6_Patience: the loop waits until the next timer that is not cancelled, or forever.
func TestC4_6_Patience(t *testing.T) {
	l, clock := open(t)
	l.CallLater(time.Second, func() { t.Error("a cancelled timer ran") }).Cancel()
	l.CallLater(5*time.Second, l.Stop)
	l.CallLater(3*time.Second, func() {})
	must(t, l.Run())
	if want := []time.Duration{3 * time.Second, 2 * time.Second}; !slices.Equal(clock.waits, want) {
		t.Errorf("waited %v, want %v", clock.waits, want)
	}
	if got := l.patience(); got != 0 {
		t.Errorf("stopped, patience %v", got)
	}
	l.stopping = false
	if got := l.patience(); got != -1 {
		t.Errorf("with nothing to do, patience %v", got)
	}
}

// TestC4_6_NoCallbackKeepsTheLoop: a callback that queues itself forever does not keep readers and timers from running.
func TestC4_6_NoCallbackKeepsTheLoop(t *testing.T) {
	l, _ := open(t)
	r, w := pipe(t)
	var again func()
	again = func() { l.CallSoon(again) }
	again()
	must(t, l.AddReader(r, l.Stop))
	l.CallLater(0, func() { sys.Write(w, []byte("x")) })
	must(t, l.Run())
}

func TestC4_7_CallSoonIsFirstInFirstOut(t *testing.T) {
	l, _ := open(t)
	var got []int
	for i := range 100 {
		l.CallSoon(func() {
			if got = append(got, i); i%3 == 0 {
				l.CallSoon(func() { got = append(got, 100+i) })
			}
		})
	}
	l.CallSoon(func() { t.Error("a cancelled callback ran") }).Cancel()
	l.CallLater(time.Second, l.Stop)
	must(t, l.Run())
	if !slices.IsSorted(got) || len(got) != 134 {
		t.Errorf("%v", got)
	}
}

// TestC4_7_Threadsafe: only CallSoonThreadsafe may be called from another goroutine, and it wakes a loop that waits
// without a timeout.
func TestC4_7_Threadsafe(t *testing.T) {
	s, err := readiness.NewLazy()
	must(t, err)
	l, err := New(s)
	must(t, err)
	var others sync.WaitGroup
	const threads, each = 4, 500
	sum := 0 // only the loop uses it
	for range threads {
		others.Add(1)
		sys.Thread(func() {
			defer others.Done()
			for range each {
				l.CallSoonThreadsafe(func() {
					if sum++; sum == threads*each {
						l.Stop()
					}
				})
			}
		})
	}
	must(t, l.Run())
	others.Wait()
	must(t, l.Close())
	l.CallSoonThreadsafe(func() { t.Error("called after Close") })
}

func TestTimersInOrder(t *testing.T) {
	l, clock := open(t)
	var got []time.Duration
	start := clock.now
	timers := map[time.Duration]*Timer{}
	for _, ms := range rand.New(rand.NewPCG(1, 2)).Perm(200) {
		d := time.Duration(ms) * time.Millisecond
		timers[d] = l.CallLater(d, func() { got = append(got, clock.now.Sub(start)) })
	}
	for d, timer := range timers {
		if d%(2*time.Millisecond) == 0 {
			timer.Cancel()
			timer.Cancel()
		}
	}
	l.CallLater(time.Second, l.Stop)
	must(t, l.Run())
	if len(got) != 100 || !slices.IsSorted(got) || got[0] != time.Millisecond || got[99] != 199*time.Millisecond {
		t.Errorf("%d timers ran, at %v", len(got), got)
	}
}

func TestReadersAndWriters(t *testing.T) {
	l, _ := open(t)
	r, w := pipe(t)
	var log []string
	must(t, l.AddWriter(w, func() {
		log = append(log, "writable")
		sys.Write(w, []byte("x"))
		must(t, l.RemoveWriter(w), l.RemoveWriter(w))
	}))
	must(t, l.AddReader(r, func() { t.Error("the reader that was replaced ran") }))
	must(t, l.AddReader(r, func() {
		log = append(log, "readable")
		must(t, l.RemoveReader(r))
		l.Stop()
	}))
	must(t, l.Run())
	if got := fmt.Sprint(log); got != "[writable readable]" || l.watched[r].wants()|l.watched[w].wants() != 0 {
		t.Errorf("%s, and then still watched: %v", got, l.watched)
	}
}

// TestC2_10: a callback that removes another descriptor's reader also cancels what is queued for it in the same turn.
func TestC2_10_RemovedInTheSameTurn(t *testing.T) {
	l, _ := open(t)
	ran := 0
	var readers [2]int
	for i := range readers {
		r, w := pipe(t)
		sys.Write(w, []byte("x"))
		readers[i] = r
	}
	for _, r := range readers {
		must(t, l.AddReader(r, func() {
			ran++
			must(t, l.RemoveReader(readers[0]), l.RemoveReader(readers[1]))
			l.CallSoon(l.Stop)
		}))
	}
	must(t, l.Run())
	if ran != 1 {
		t.Errorf("%d readers ran", ran)
	}
}

// TestDescriptorNumbersAreUsedAgain: the reader of a descriptor is called although its number was used before and the
// earlier registration was never removed in the kernel.
func TestDescriptorNumbersAreUsedAgain(t *testing.T) {
	l, _ := open(t)
	called := 0
	for range 3 {
		r, w := pipe(t)
		sys.Write(w, []byte("x"))
		must(t, l.AddReader(r, func() {
			called++
			must(t, l.RemoveReader(r), sys.Close(r), sys.Close(w))
			l.Stop()
		}))
		must(t, l.Run())
	}
	if called != 3 {
		t.Errorf("%d of 3 were called", called)
	}
}

// TestC4_20_SlowCallback: the log names a callback that delays the others.
func TestC4_20_SlowCallback(t *testing.T) {
	var out bytes.Buffer
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	l, clock := open(t)
	l.Slow = 100 * time.Millisecond
	l.CallSoon(func() { clock.now = clock.now.Add(99 * time.Millisecond) })
	l.CallSoon(func() { clock.now = clock.now.Add(300 * time.Millisecond) })
	l.CallSoon(l.Stop)
	must(t, l.Run())
	if got := out.String(); strings.Count(got, "stood still") != 1 ||
		!strings.Contains(got, "300ms in era/runnable/kit/loop.TestC4_20") {
		t.Errorf("logged %q", got)
	}
}

func BenchmarkTurn(b *testing.B) {
	s, err := readiness.NewLazy()
	if err != nil {
		b.Fatal(err)
	}
	l, err := New(s)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	b.ReportAllocs()
	n := 0
	var f func()
	f = func() {
		if n++; n >= b.N {
			l.Stop()
			return
		}
		l.CallSoon(f)
	}
	l.CallSoon(f)
	if err := l.Run(); err != nil {
		b.Fatal(err)
	}
}
