//go:build linux || darwin

package aio

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"era/runnable/kit/internal/corpus"
	"era/runnable/kit/loop"
	"era/runnable/kit/readiness"
)

// TestCorpus: the programs of testdata print in CPython what their counterparts here print. The logs are CPython's.
// Neither waits: the clock moves instead. Since 3.13 asyncio loses no cancellation in nested groups; task groups exist
// since 3.11.
func TestCorpus(t *testing.T) {
	asyncio := corpus.Corpus{Programs: len(programs), Since: corpus.Version{3, 13}, Oldest: corpus.Version{3, 11}}
	corpus.Test(t, asyncio, func(t *testing.T, name, want string) {
		run := programs[name]
		if run == nil {
			t.Fatal("the program has no counterpart in Go")
		}
		l := &eventLog{}
		l.run(t, run)
		if got := l.String(); got != want {
			t.Errorf("Go\n%s\nCPython\n%s", got, want)
		}
	})
}

// still is a selector whose clock moves instead of waiting, by whole seconds.
type still struct {
	readiness.Selector
	now time.Time
}

func (s *still) Wait(timeout time.Duration) ([]readiness.Ready, error) {
	if timeout > 0 {
		s.now = s.now.Add(timeout + second - 1).Truncate(second)
		timeout = 0
	}
	return s.Selector.Wait(timeout)
}

// eventLog collects what a program prints.
type eventLog struct {
	strings.Builder
	clock *still
}

func (l *eventLog) run(t testing.TB, main func(l *eventLog, t *Task) error) {
	t.Helper()
	selector, err := readiness.New()
	if err != nil {
		t.Fatal(err)
	}
	l.clock = &still{selector, time.Unix(0, 0)}
	inner, err := loop.New(l.clock)
	if err != nil {
		t.Fatal(err)
	}
	inner.SetClock(func() time.Time { return l.clock.now })
	loop := NewLoop(inner)
	failed := false
	err = loop.Run(func(t *Task) error {
		err := main(l, t)
		failed = err != nil
		return err
	})
	if failed {
		l.say("run:", name(err))
	}
	if n := len(loop.tasks) + loop.coros.Len(); n != 0 {
		t.Errorf("%d tasks left", n)
	}
	if err := loop.Close(); err != nil {
		t.Error(err)
	}
}

func (l *eventLog) now() int { return int(l.clock.now.Unix()) }

// say prints its arguments as Python does.
func (l *eventLog) say(words ...any) {
	for i, word := range words {
		switch word := word.(type) {
		case bool:
			words[i] = map[bool]string{true: "True", false: "False"}[word]
		case error:
			words[i] = name(word)
		}
	}
	fmt.Fprintln(l, words...)
}

var (
	errKey   = errors.New("KeyError")
	errValue = errors.New("ValueError")
	errOS    = errors.New("OSError")
)

// name returns an error's name in the Python programs.
func name(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var names []string
		for _, err := range joined.Unwrap() {
			names = append(names, name(err))
		}
		return strings.Join(names, " and ")
	}
	switch {
	case errors.Is(err, Cancelled):
		return "Cancelled"
	case errors.Is(err, TimedOut):
		return "TimedOut"
	}
	return err.Error()
}

const second = time.Second

// sleep is asyncio.sleep(n, result).
func sleep[T any](n int, result T) func(t *Task) (T, error) {
	return func(t *Task) (T, error) { return result, Sleep(t, time.Duration(n)*second) }
}
