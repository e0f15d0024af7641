// Package corpus is for tests: it holds programs in Go to the logs that CPython made of their twins in Python.
package corpus

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write testdata/*.log anew, with python3")

// Test calls run for every program of testdata, NAME.py; log gives what the program in Go must print, too. There are as
// many of the one as of the other. The logs are CPython's; where there is a python3 in which the statement needs runs,
// they are made again and compared. what says in words which python3 that is.
func Test(t *testing.T, programs int, what, needs string, run func(t *testing.T, name string, log func() string)) {
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) != programs {
		t.Fatalf("%d programs in Python, %d in Go, %v", len(files), programs, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		t.Run(name, func(t *testing.T) { run(t, name, func() string { return logOf(t, file, what, needs) }) })
	}
}

// logOf is the committed log of a program.
func logOf(t *testing.T, file, what, needs string) string {
	t.Helper()
	committed := strings.TrimSuffix(file, ".py") + ".log"
	want, err := os.ReadFile(committed)
	if err != nil && !*update {
		t.Fatal(err)
	}
	python, err := exec.LookPath("python3")
	if err == nil && needs != "" {
		err = exec.Command(python, "-c", needs).Run()
	}
	if err != nil {
		if *update || os.Getenv("CI") == "true" {
			t.Fatalf("%s: %v", what, err)
		}
		t.Logf("SKIPPED: no %s, so the log was not made again", what)
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

// NoLeak waits until there are as many goroutines as before; those that have ended may take a moment to go.
func NoLeak(t *testing.T, before int) {
	t.Helper()
	for start := time.Now(); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}
