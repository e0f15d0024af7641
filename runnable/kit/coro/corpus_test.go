package coro

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"era/runnable/kit/internal/corpus"
)

// TestCorpus: the programs of testdata print in CPython what their counterparts here print. The logs are CPython's.
func TestCorpus(t *testing.T) {
	generators := corpus.Corpus{Programs: len(programs), Since: corpus.Version{3, 8}, Oldest: corpus.Version{3, 8}}
	corpus.Test(t, generators, func(t *testing.T, name, want string) {
		run := programs[name]
		if run == nil {
			t.Fatal("the program has no counterpart in Go")
		}
		before := runtime.NumGoroutine()
		l := &eventLog{}
		run(l)
		if err := l.set.Close(); err != nil && !errors.Is(err, ErrIgnoredExit) {
			t.Error(err)
		}
		if got := l.String(); got != want {
			t.Errorf("Go\n%s\nCPython\n%s", got, want)
		}
		corpus.NoLeak(t, before)
	})
}

// eventLog collects what a program prints, and makes its coroutines.
type eventLog struct {
	strings.Builder
	set Set
}

func (l *eventLog) say(words ...any) { fmt.Fprintln(l, words...) }

func (l *eventLog) new(body func(yield Yield) (any, error)) *Coro { return l.set.New(body) }

var (
	errKey   = errors.New("KeyError")
	errValue = errors.New("ValueError")
)

// name returns Python's name of an error.
func name(err error) string {
	stop := (*StopIteration)(nil)
	switch {
	case errors.As(err, &stop) && !errors.Is(err, ErrRaisedStop):
		if stop.Value == nil {
			return "StopIteration None"
		}
		return fmt.Sprint("StopIteration ", stop.Value)
	case errors.Is(err, ErrIgnoredExit), errors.Is(err, ErrRaisedStop):
		return "RuntimeError"
	case errors.Is(err, ErrExecuting):
		return "ValueError"
	case errors.Is(err, ErrJustStarted):
		return "TypeError"
	}
	return err.Error()
}

// out prints the result of a resumption.
func (l *eventLog) out(out any, err error) {
	if err != nil {
		l.say(name(err))
		return
	}
	l.say("out", out)
}

// closed prints the result of Close.
func (l *eventLog) closed(err error) {
	if err != nil {
		l.say(name(err))
		return
	}
	l.say("closed")
}
