//go:build linux || darwin

package aio

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/coro"
	"era/runnable/kit/internal/corpus"
)

// TestC4_9_TheLoopHoldsItsTasks: unlike asyncio's, an unreachable task is not collected.
func TestC4_9_TheLoopHoldsItsTasks(t *testing.T) {
	run(t, func(task *Task) error {
		ended := NewFuture[None](task)
		var gate *Future[None]
		func() {
			gate = NewFuture[None](task)
			task.Go(func(t *Task) error {
				_, err := Await(t, gate)
				ended.SetResult(None{})
				return err
			})
		}()
		Sleep(task, 0)
		runtime.GC()
		gate.SetResult(None{})
		_, err := Await(task, ended)
		return err
	})
}

// TestErrorNotRetrieved: an error that was not retrieved is logged when the future is collected; one that was is not.
func TestErrorNotRetrieved(t *testing.T) {
	var out logged
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	run(t, func(task *Task) error {
		task.Go(func(*Task) error { return errors.New("forgotten") })
		task.Go(func(*Task) error { return Cancelled })
		f := task.Go(func(*Task) error { return errors.New("taken") })
		Await(task, f)
		return nil
	})
	for start := time.Now(); !strings.Contains(out.String(), "forgotten"); runtime.GC() {
		if time.Since(start) > hang.After {
			t.Fatalf("logged %q", out.String())
		}
	}
	if got := out.String(); strings.Contains(got, "taken") || strings.Contains(got, "cancelled") {
		t.Errorf("logged %q", got)
	}
}

// TestErrorAtTheEnd: an error of a task that is cancelled because main has ended is logged before Run returns.
func TestErrorAtTheEnd(t *testing.T) {
	var out logged
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	run(t, func(task *Task) error {
		task.Go(func(t *Task) error { return Sleep(t, time.Hour) })
		task.Go(func(t *Task) error {
			Sleep(t, time.Hour)
			return errors.New("not saved")
		})
		return Sleep(task, 0)
	})
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "not saved") {
		t.Errorf("logged %q", got)
	}
}

type logged struct{ text atomic.Pointer[string] }

func (l *logged) Write(p []byte) (int, error) {
	all := l.String() + string(p)
	l.text.Store(&all)
	return len(p), nil
}

func (l *logged) String() string {
	if text := l.text.Load(); text != nil {
		return *text
	}
	return ""
}

// TestC4_1_OnlyTheRunningTaskAwaits: waiting with another task than the running one panics.
func TestC4_1_OnlyTheRunningTaskAwaits(t *testing.T) {
	run(t, func(task *Task) error {
		f := Go(task, func(*Task) (string, error) {
			defer func() { recover() }()
			Sleep(task, time.Second)
			t.Error("a task waited in place of another")
			return "", nil
		})
		_, err := Await(task, f)
		return err
	})
}

// TestPanicEndsTheProgram: with the stack of the task, not that of the loop.
func TestPanicEndsTheProgram(t *testing.T) {
	defer func() {
		p, ok := recover().(*coro.Panic)
		if !ok || p.Value != "bug" || !bytes.Contains(p.Stack, []byte("TestPanicEndsTheProgram")) {
			t.Errorf("recovered %v", p)
		}
	}()
	Run(func(task *Task) error {
		task.Go(func(*Task) error { panic("bug") })
		return Sleep(task, time.Hour)
	})
}

// TestC4_19_Threads: no more than maxThreads functions run at a time, the others queue; one that is cancelled in the
// queue never runs.
func TestC4_19_Threads(t *testing.T) {
	run(t, func(task *Task) error {
		var now, most atomic.Int32
		gate := make(chan None)
		var jobs []*Future[int]
		for i := range 2 * maxThreads {
			jobs = append(jobs, Go(task, func(t *Task) (int, error) {
				return RunInThread(t, func() (int, error) {
					n := now.Add(1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
					<-gate
					now.Add(-1)
					return i, nil
				})
			}))
		}
		last := Go(task, func(t2 *Task) (int, error) {
			return RunInThread(t2, func() (int, error) { t.Error("a cancelled job ran"); return 0, nil })
		})
		Sleep(task, 0)
		Sleep(task, 0)
		last.Cancel()
		close(gate)
		got, err := Await(task, Gather(task, jobs...))
		if err != nil {
			return err
		}
		for i := range got {
			if got[i] != i {
				t.Errorf("job %d returned %d", i, got[i])
			}
		}
		if int(most.Load()) > maxThreads {
			t.Errorf("%d threads at a time, want at most %d", most.Load(), maxThreads)
		}
		return nil
	})
}

// TestCloseEndsWhatDoesNotEnd: tasks that are still suspended when the loop is closed leave no goroutine.
func TestCloseEndsWhatDoesNotEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	l := &eventLog{}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
		corpus.NoLeak(t, before)
	}()
	var loop *Loop
	defer func() { loop.Close() }()
	l.run(t, func(l *eventLog, task *Task) error {
		loop = task.Loop()
		for range 10 {
			task.Go(func(t *Task) error {
				defer Sleep(t, time.Second) // waits even while it is closed
				return Sleep(t, time.Hour)
			})
		}
		task.Go(func(t *Task) error { // when it ends, it does not learn that the child has ended
			return WithGroup(t, func(g *Group) error {
				g.Go(func(t *Task) error { return Sleep(t, time.Hour) })
				return nil
			})
		})
		Sleep(task, 0)
		Sleep(task, 0)
		panic("the program's own bug")
	})
}

// TestParkedTaskIsSmall: a task that waits holds at most 4 KB of memory besides its stack.
func TestParkedTaskIsSmall(t *testing.T) {
	const n = 2000
	run(t, func(task *Task) error {
		gate := NewFuture[None](task)
		measure := func() (m runtime.MemStats) {
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m
		}
		before := measure()
		for range n {
			task.Go(func(t *Task) error {
				_, err := Await(t, gate)
				return err
			})
		}
		Sleep(task, 0)
		after := measure()
		heap, stack := (int64(after.HeapAlloc)-int64(before.HeapAlloc))/n,
			(int64(after.StackInuse)-int64(before.StackInuse))/n
		t.Logf("a parked task: %d bytes, and %d of stack", heap, stack)
		if heap > 4096 {
			t.Errorf("a parked task holds %d bytes besides its stack", heap)
		}
		gate.SetResult(None{})
		return nil
	})
}

func benchmark(b *testing.B, main func(t *Task)) {
	b.ReportAllocs()
	if err := Run(func(t *Task) error { main(t); return nil }); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkTurn measures sleep(0) of one task: a whole turn of the loop, including its system call.
func BenchmarkTurn(b *testing.B) {
	benchmark(b, func(t *Task) {
		for b.Loop() {
			Sleep(t, 0)
		}
	})
}

// BenchmarkHandOver measures two tasks that in turn set the future that the other awaits.
func BenchmarkHandOver(b *testing.B) {
	benchmark(b, func(t *Task) {
		there, back := NewQueue[int](0), NewQueue[int](0)
		echo := t.Go(func(t *Task) error {
			for {
				got, err := there.Get(t)
				if err != nil {
					return err
				}
				back.TryPut(got)
			}
		})
		for b.Loop() {
			there.TryPut(1)
			back.Get(t)
		}
		echo.Cancel()
	})
}

// BenchmarkSpawn makes a task and awaits it.
func BenchmarkSpawn(b *testing.B) {
	benchmark(b, func(t *Task) {
		for b.Loop() {
			Await(t, t.Go(func(*Task) error { return nil }))
		}
	})
}

func Example() {
	err := Run(func(t *Task) error {
		double := func(n int) *Future[int] {
			return Go(t, func(t *Task) (int, error) { return 2 * n, Sleep(t, time.Millisecond) })
		}
		got, err := Await(t, Gather(t, double(1), double(2), double(3)))
		fmt.Println(got)
		return err
	})
	fmt.Println(err)
	// Output:
	// [2 4 6]
	// <nil>
}
