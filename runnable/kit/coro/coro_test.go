package coro

import (
	"errors"
	"iter"
	"runtime"
	"strings"
	"testing"

	"era/runnable/kit/internal/corpus"
)

// forever yields numbers until it is closed.
func forever(yield Yield) (any, error) {
	for i := 0; ; i++ {
		if _, err := yield(i); err != nil {
			return nil, err
		}
	}
}

// TestSetForgetsNone: a thousand unreachable coroutines end with their set.
func TestSetForgetsNone(t *testing.T) {
	before := runtime.NumGoroutine()
	var set Set
	for i := range 1000 {
		c := set.New(forever)
		for range i % 3 { // a third never starts, and has no goroutine
			if _, err := c.Send(nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := runtime.NumGoroutine()-before, 666; got != want {
		t.Errorf("%d goroutines for %d coroutines that are suspended", got, want)
	}
	if set.Len() != 1000 {
		t.Errorf("the set has %d", set.Len())
	}
	if err := set.Close(); err != nil || set.Len() != 0 {
		t.Errorf("%v, %d left", err, set.Len())
	}
	corpus.NoLeak(t, before)
}

// TestSetEndsTheStubborn: a body that ignores GeneratorExit gets it again and again, and errors are not lost.
func TestSetEndsTheStubborn(t *testing.T) {
	before := runtime.NumGoroutine()
	var set Set
	failed := errors.New("failed")
	for _, body := range []Body{
		func(yield Yield) (any, error) {
			for range 100 {
				yield(nil)
			}
			return nil, nil
		},
		func(yield Yield) (any, error) {
			yield(nil)
			return nil, failed
		},
	} {
		if _, err := set.New(body).Send(nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := set.Close(); !errors.Is(err, ErrIgnoredExit) || !errors.Is(err, failed) {
		t.Error(err)
	}
	corpus.NoLeak(t, before)
}

// TestHelperYields: a function that the body calls may yield, unlike in a generator: the whole stack is suspended.
func TestHelperYields(t *testing.T) {
	var deep func(yield Yield, n int) int
	deep = func(yield Yield, n int) int {
		if n == 0 {
			got, _ := yield("deep")
			return got.(int)
		}
		return deep(yield, n-1) + 1
	}
	c := New(func(yield Yield) (any, error) { return deep(yield, 1000), nil })
	if out, err := c.Send(nil); out != "deep" || err != nil {
		t.Fatal(out, err)
	}
	_, err := c.Send(5)
	if stop := (*StopIteration)(nil); !errors.As(err, &stop) || stop.Value != 1005 {
		t.Error(err)
	}
}

// TestPanic: a panic reaches the caller that resumed the coroutine, with the stack that it came from, and the coroutine
// is over.
func TestPanic(t *testing.T) {
	before := runtime.NumGoroutine()
	cause := errors.New("cause")
	var set Set
	c := set.New(func(yield Yield) (any, error) {
		yield(nil)
		return nil, explode(cause)
	})
	c.Send(nil)
	func() {
		defer func() {
			p, ok := recover().(*Panic)
			if !ok || !errors.Is(p, cause) || !strings.Contains(p.Error(), "coro.explode") {
				t.Errorf("recovered %v", p)
			}
		}()
		c.Send(nil)
	}()
	if _, err := c.Send(nil); !errors.As(err, new(*StopIteration)) || set.Len() != 0 {
		t.Errorf("after the panic: %v, %d alive", err, set.Len())
	}
	corpus.NoLeak(t, before)
}

//go:noinline
func explode(cause error) error { panic(cause) }

// BenchmarkSwitch measures a resumption and a yield, and those of plain iter.Pull. The target is twice as long.
func BenchmarkSwitch(b *testing.B) {
	b.Run("pull", func(b *testing.B) {
		next, stop := iter.Pull(func(yield func(any) bool) {
			for yield(nil) {
			}
		})
		defer stop()
		for b.Loop() {
			next()
		}
	})
	b.Run("coro", func(b *testing.B) {
		b.ReportAllocs()
		c := New(func(yield Yield) (any, error) {
			for {
				if _, err := yield(nil); err != nil {
					return nil, err
				}
			}
		})
		defer c.Close()
		for b.Loop() {
			c.Send(nil)
		}
	})
}

// BenchmarkCreate makes a coroutine and runs it to its end.
func BenchmarkCreate(b *testing.B) {
	b.ReportAllocs()
	var set Set
	for b.Loop() {
		set.New(func(yield Yield) (any, error) { return nil, nil }).Send(nil)
	}
}
