//go:build linux

package process

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A reader's first Run waits until its servers are compiled. serve's own packages have just been compiled, so the
// servers take them from the go command's cache: packages of the standard library have the same build ID in both.
func TestServersShareServesPackages(t *testing.T) {
	t.Setenv("GOFLAGS", "") // as on a reader's machine
	ids := func(program string, flags ...string) map[string]string {
		t.Helper()
		format := "{{if .Standard}}{{.ImportPath}} {{.BuildID}}{{end}}"
		cmd := exec.Command("go", slices.Concat([]string{"list", "-export", "-deps", "-f", format}, flags,
			[]string{program})...)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", cmd, err)
		}
		found := map[string]string{}
		for line := range strings.Lines(string(out)) {
			name, id, _ := strings.Cut(strings.TrimSpace(line), " ")
			found[name] = id
		}
		return found
	}
	serve := ids("./cmd/serve", "-trimpath="+cmp.Or(builtWith("-trimpath"), "false"))
	for _, program := range []string{"./runnable/blocking", "./runnable/tornado/httpserver"} {
		again := []string{}
		server := ids(program, goFlags()...)
		for name, id := range server {
			if in, shared := serve[name]; shared && in != id {
				again = append(again, name)
			}
		}
		if len(again) > 0 || len(server) < 20 {
			t.Errorf("%s compiles %d of its %d standard packages again: %s", program, len(again), len(server), strings.Join(again, " "))
		}
	}
}

// age sets the file's last use to so long ago.
func age(t *testing.T, path string, ago time.Duration) {
	t.Helper()
	then := time.Now().Add(-ago)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	for _, x := range []struct {
		what string
		most int64
		ages map[string]time.Duration // of files of 10 bytes
		left string
	}{
		{"what fits stays", 40, map[string]time.Duration{"a-go-1": 3 * time.Hour, "a-go-2": 2 * time.Hour,
			"b-c-1": time.Hour}, "a-go-1 a-go-2 b-c-1"},
		{"the least recently used goes", 20, map[string]time.Duration{"a-go-1": 3 * time.Hour, "a-go-2": 2 * time.Hour,
			"b-c-1": time.Hour}, "a-go-2 b-c-1"},
		{"what may be in use stays", 10, map[string]time.Duration{"a-go-1": 3 * time.Hour, "a-go-2": time.Minute, "b-c-1": 0},
			"a-go-2 b-c-1"},
		{"a few of each program", 1000, map[string]time.Duration{"a-go-1": 5 * time.Hour, "a-go-2": 4 * time.Hour,
			"a-go-3": 3 * time.Hour,
			"a-go-4": 2 * time.Hour, "a-go-5": time.Hour, "a-c-1": 9 * time.Hour}, "a-c-1 a-go-2 a-go-3 a-go-4 a-go-5"},
		{"what is being written stays", 5, map[string]time.Duration{".part-1": time.Hour, "a-go-1": time.Hour}, ".part-1"},
	} {
		dir := t.TempDir()
		for name, ago := range x.ages {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte("ten bytes."), 0o700); err != nil {
				t.Fatal(err)
			}
			age(t, path, ago)
		}
		if err := prune(dir, x.most); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, e := range entries(dir) {
			if name := filepath.Base(e.path); name != lockName {
				left = append(left, name)
			}
		}
		slices.Sort(left)
		if got := strings.Join(left, " "); got != x.left {
			t.Errorf("%s: left are %s, want %s", x.what, got, x.left)
		}
	}
}

func TestPycacheIsBounded(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, "usr", "old.pyc"), filepath.Join(dir, "home", "young.pyc")
	for path, ago := range map[string]time.Duration{old: 2 * time.Hour, young: time.Hour} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700),
			os.WriteFile(path, []byte("ten bytes."), 0o600)); err != nil {
			t.Fatal(err)
		}
		age(t, path, ago)
	}
	prunePycache(dir, 15)
	if left := entries(dir); len(left) != 1 || left[0].path != young {
		t.Errorf("left are %v, want only %s", left, young)
	}
}

// A file that one serve has found in the cache and is about to execute is not removed by another one's build, however
// old it is.
func TestTwoServesShareACache(t *testing.T) {
	one, v, edit := tiny(t, "package main\n\nfunc main() {}\n")
	p, err := one.Build(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	for i := range mostBuilds { // of other times: each newer than p
		path := filepath.Join(filepath.Dir(p.Binary), "tiny-go-"+strings.Repeat("0", i+1))
		if err := os.WriteFile(path, []byte("x"), 0o700); err != nil {
			t.Fatal(err)
		}
		age(t, path, time.Hour)
	}
	age(t, p.Binary, 2*time.Hour)
	if _, err := one.Build(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	edit("package main\n\nfunc main() { println() }\n")
	if _, err := NewBuilder(one.root, one.cache).Build(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(p.Binary).Run(); err != nil {
		t.Errorf("the program was removed while in use: %v", err)
	}
}

// A file of the cache is executed only if it is as the builder left it. Otherwise the program is built again.
func TestOnlyWhatWasBuiltIsExecuted(t *testing.T) {
	b, v, _ := tiny(t, "package main\n\nfunc main() {}\n")
	p, err := b.Build(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	planted := filepath.Join(t.TempDir(), "planted")
	if err := os.WriteFile(planted, []byte("#!/bin/sh\nexit 66\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func() error{
		"a link": func() error {
			return errors.Join(os.Remove(p.Binary), os.Symlink(planted, p.Binary))
		},
		"empty, after a loss of power":   func() error { return os.Truncate(p.Binary, 0) },
		"one that others could write to": func() error { return os.Chmod(p.Binary, 0o777) },
		"another user's":                 func() error { return os.Chown(p.Binary, 1, 1) },
		"removed by the user":            func() error { return os.Remove(p.Binary) },
	} {
		if what == "another user's" && os.Geteuid() != 0 {
			continue // only root can give a file away
		}
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		again, err := b.Build(t.Context(), v)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if at, err := os.Lstat(again.Binary); err != nil || !isAsWritten(at) || exec.Command(again.Binary).Run() != nil {
			t.Errorf("%s was taken: %v, %v", what, at, err)
		}
	}
}

// A record that others could have written does not get a process killed.
func TestSweepBelievesOnlyOurRecords(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir, err := runDir()
	if err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(file string) error{
		"one that others could write to": func(file string) error { return os.Chmod(file, 0o666) },
		"a link": func(file string) error {
			return errors.Join(os.Rename(file, file+".real"), os.Symlink(file+".real", file))
		},
		"ours": func(string) error { return nil }, // which does kill
	} {
		bystander := exec.Command("sleep", "600")
		bystander.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := bystander.Start(); err != nil {
			t.Fatal(err)
		}
		pid := bystander.Process.Pid
		data, err := json.Marshal(record{Run: "NONE", Supervisor: pid, SupervisorStart: "long ago", Program: pid,
			ProgramStart: startOf(pid)})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "EVIL.json")
		if err := errors.Join(os.WriteFile(file, data, 0o600), spoil(file)); err != nil {
			t.Fatal(err)
		}
		Sweep()
		bystander.Process.Signal(syscall.SIGTERM) // comes second if the sweep has killed it
		bystander.Wait()
		ended := bystander.ProcessState.Sys().(syscall.WaitStatus).Signal()
		if want := map[bool]syscall.Signal{true: syscall.SIGKILL, false: syscall.SIGTERM}[what == "ours"]; ended != want {
			t.Errorf("%s: the process ended by %v, want %v", what, ended, want)
		}
	}
}

func TestTurn(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	never := func() { t.Error("no other lab measures") }
	done, err := Turn(t.Context(), never)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Turn(ctx, cancel); !errors.Is(err, context.Canceled) { // a waiting caller can give up
		t.Errorf("%v, want %v", err, context.Canceled)
	}
	second, err := Turn(t.Context(), done) // the first ends while the second waits
	if err != nil {
		t.Fatal(err)
	}
	second()
	third, err := Turn(t.Context(), func() {}) // the caller that gave up may hold the lock for an instant
	if err != nil {
		t.Fatal(err)
	}
	third()
}

// A reader starts and stops experiments while another lab measures: that leaves only one waiter in the queue behind.
func TestTurnGivenUp(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	done, err := Turn(t.Context(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	const times = 50
	for range times {
		ctx, giveUp := context.WithCancel(t.Context())
		if _, err := Turn(ctx, giveUp); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, want %v", err, context.Canceled)
		}
	}
	const most = 2 // of the holder, and of the one waiter that is left
	open := 0
	for _, name := range descriptors(os.Getpid()) {
		if strings.HasSuffix(name, "turn.lock") {
			open++
		}
	}
	if open > most {
		t.Errorf("after %d that gave up, the lock is open %d times, want at most %d", times, open, most)
	}
	next, err := Turn(t.Context(), done) // takes the place
	if err != nil {
		t.Fatal(err)
	}
	next()
	await(t, "the end of the place in the queue", func() bool {
		return !slices.ContainsFunc(descriptors(os.Getpid()),
			func(name string) bool { return strings.HasSuffix(name, "turn.lock") })
	})
}
