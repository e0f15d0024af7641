package coro

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
)

var update = flag.Bool("update", false, "write testdata/*.log anew, with python3")

// TestCorpus: the programs of testdata print in CPython what their twins here print. The logs are CPython's; where
// python3 is installed they are made again and compared.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) != len(programs) {
		t.Fatalf("%d programs in Python, %d in Go, %v", len(files), len(programs), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		t.Run(name, func(t *testing.T) {
			want := logOf(t, file)
			run := programs[name]
			if run == nil {
				t.Fatal("there is no such program in Go")
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
			noLeak(t, before)
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
	if err != nil {
		if *update || os.Getenv("CI") == "true" {
			t.Fatal("python3 is missing")
		}
		t.Log("SKIPPED: python3 is missing, so the log was not made again")
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

// noLeak waits until there are as many goroutines as before; those that have ended may take a moment to go.
func noLeak(t *testing.T, before int) {
	t.Helper()
	for start := time.Now(); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

// eventLog takes what a program prints, and makes its coroutines.
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

// name is an error as Python calls it.
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

// out says what a resumption answered.
func (l *eventLog) out(out any, err error) {
	if err != nil {
		l.say(name(err))
		return
	}
	l.say("out", out)
}

// closed says what Close answered.
func (l *eventLog) closed(err error) {
	if err != nil {
		l.say(name(err))
		return
	}
	l.say("closed")
}
