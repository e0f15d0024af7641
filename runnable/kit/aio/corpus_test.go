//go:build linux || darwin

package aio

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"era/runnable/kit/loop"
	"era/runnable/kit/readiness"
)

var update = flag.Bool("update", false, "write testdata/*.log anew, with python3")

// TestCorpus: the programs of testdata print in CPython what their twins here print. The logs are CPython's; where a
// python3 of 3.11 or later is installed they are made again and compared. Neither side waits: the clock moves instead.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) != len(programs) {
		t.Fatalf("%d programs in Python, %d in Go, %v", len(files), len(programs), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is Python starting
			want := logOf(t, file)
			run := programs[name]
			if run == nil {
				t.Fatal("there is no such program in Go")
			}
			l := &eventLog{}
			l.run(t, run)
			if got := l.String(); got != want {
				t.Errorf("Go\n%s\nCPython\n%s", got, want)
			}
		})
	}
}

// logOf is the committed log of a program.
func logOf(t *testing.T, file string) string {
	t.Helper()
	committed := strings.TrimSuffix(file, ".py") + ".log"
	want, err := os.ReadFile(committed)
	if err != nil && !*update {
		t.Fatal(err)
	}
	python, err := exec.LookPath("python3")
	if err == nil {
		err = exec.Command(python, "-c", "import asyncio; asyncio.TaskGroup").Run()
	}
	if err != nil {
		if *update || os.Getenv("CI") == "true" {
			t.Fatalf("python3 of 3.11 or later: %v", err)
		}
		t.Log("SKIPPED: no python3 of 3.11 or later, so the log was not made again")
		return string(want)
	}
	made, err := exec.Command(python, file).Output()
	if err != nil {
		t.Fatalf("python3 %s: %v", file, err)
	}
	if *update {
		if err := os.WriteFile(committed, made, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(made, want) {
		t.Errorf("this python3 prints\n%s\nthe log says\n%s", made, want)
	}
	return string(made)
}

// still is a selector whose clock moves instead of waiting.
type still struct {
	readiness.Selector
	now time.Time
}

func (s *still) Wait(timeout time.Duration) ([]readiness.Ready, error) {
	if timeout > 0 {
		s.now = s.now.Add(timeout)
		timeout = 0
	}
	return s.Selector.Wait(timeout)
}

// eventLog takes what a program prints.
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

// say prints as Python does.
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

// name is an error as the programs in Python call it.
func name(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && !errors.Is(err, TimedOut) {
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

// noLeak waits until there are as many goroutines as before; those that have ended may take a moment to go.
func noLeak(t *testing.T, before int) {
	t.Helper()
	for start := time.Now(); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}
