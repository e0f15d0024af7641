//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A sample is the resources that serve holds while it is idle.
type sample struct {
	At                                        time.Time
	RSS, Heap, Cache                          int // KB
	Goroutines, Descriptors, Threads, Entries int // Entries: of the cache and of the folder for temporary files
}

// fields names the measured values. A leak with each chore must exceed slack, which is normal fluctuation.
var fields = []struct {
	name  string
	of    func(sample) int
	ratio float64
	slack int
}{
	{"RSS KB", func(s sample) int { return s.RSS }, 1.15, 4 << 10},
	{"heap KB", func(s sample) int { return s.Heap }, 1.15, 1 << 10},
	{"cache KB", func(s sample) int { return s.Cache }, 1.05, 0},
	{"goroutines", func(s sample) int { return s.Goroutines }, 1, 2},
	{"descriptors", func(s sample) int { return s.Descriptors }, 1, 2},
	{"threads", func(s sample) int { return s.Threads }, 1.25, 2},
	{"files", func(s sample) int { return s.Entries }, 1, 2},
}

func thirds(all []sample) (first, last []sample) {
	n := max(1, len(all)/3)
	return all[:n], all[len(all)-n:]
}

// least is the smallest of some samples: a value that is only busy comes down now and then, a leak does not.
func least(some []sample, of func(sample) int) int {
	return of(slices.MinFunc(some, func(a, b sample) int { return of(a) - of(b) }))
}

// grown says which values were higher in the last third than in the first.
func grown(first, last []sample) (complaints []string) {
	for _, f := range fields {
		was, is := least(first, f.of), least(last, f.of)
		if most := int(float64(was)*f.ratio) + f.slack; is > most {
			complaints = append(complaints, fmt.Sprintf("%s: at least %d in the first third, %d in the last, want %d at most", f.name, was, is, most))
		}
	}
	return complaints
}

func table(all []sample) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%-12s %10s %10s %10s\n", "", "start", "middle", "end")
	for _, f := range fields {
		fmt.Fprintf(&out, "%-12s %10d %10d %10d\n", f.name, f.of(all[0]), f.of(all[len(all)/2]), f.of(all[len(all)-1]))
	}
	return out.String()
}

func TestSoakSeesWhatGrows(t *testing.T) {
	flat := make([]sample, 30)
	for i := range flat {
		flat[i] = sample{RSS: 50_000 + i%3*4_000, Heap: 9_000 + i%5*900, Cache: 90_000, Goroutines: 20 + i%4*3,
			Descriptors: 12 + i%2*5, Threads: 9, Entries: 300}
	}
	if complaints := grown(thirds(flat)); len(complaints) > 0 {
		t.Errorf("nothing grew, want no complaint, got %q", complaints)
	}
	for _, f := range fields {
		grows := slices.Clone(flat)
		for i := range grows { // one more with each chore; a megabyte of memory
			grows[i].RSS += 1000 * i * b2i(f.name == "RSS KB")
			grows[i].Heap += 1000 * i * b2i(f.name == "heap KB")
			grows[i].Cache += 1000 * i * b2i(f.name == "cache KB")
			grows[i].Goroutines += i * b2i(f.name == "goroutines")
			grows[i].Descriptors += i * b2i(f.name == "descriptors")
			grows[i].Threads += i * b2i(f.name == "threads")
			grows[i].Entries += i * b2i(f.name == "files")
		}
		if complaints := grown(thirds(grows)); len(complaints) != 1 || !strings.HasPrefix(complaints[0], f.name) {
			t.Errorf("%s grew, want one complaint of it, got %q", f.name, complaints)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// witness makes serve, which is this test binary, write how many goroutines it has, and how much memory is in use after
// a collection: at SIGUSR1 as numbers, at SIGUSR2 as stacks.
const beWitness = "ERA_TEST_WITNESS"

func witness() {
	syscall.CloseOnExec(3)
	out := os.NewFile(3, "answers")
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for what := range asked {
			debug.FreeOSMemory() // with a collection
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			var stacks bytes.Buffer
			if what == syscall.SIGUSR2 {
				pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			}
			answer, _ := json.Marshal(map[string]any{"goroutines": runtime.NumGoroutine(), "heap": int(m.HeapAlloc >> 10),
				"stacks": stacks.String()})
			out.Write(append(answer, '\n')) // without a reader, no signal comes either
		}
	}()
}

type answer struct {
	Goroutines, Heap int
	Stacks           string
}

// answer asks the witness.
func (s *soak) answer(sig syscall.Signal) (a answer) {
	s.t.Helper()
	s.must(s.cmd.Process.Signal(sig))
	line, err := s.answers.ReadBytes('\n')
	s.must(err)
	s.must(json.Unmarshal(line, &a))
	return a
}

// children returns the processes that a process has started and that still run.
func children(pid int) (all []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // it may be gone
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}

// supervisors returns serve's children except its keeper, which lives as long as serve does.
func (s *soak) supervisors() []int {
	return slices.DeleteFunc(children(s.cmd.Process.Pid), func(pid int) bool {
		args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // it may be gone
		return bytes.Contains(args, []byte("\x00keep\x00"))
	})
}

// noTabs waits until serve has noticed that all pages are gone.
func (s *soak) noTabs() {
	s.eventually("no connection is left", func() bool { return s.sockets() <= 1 })
}

// sockets returns how many sockets serve has open, the listener included.
func (s *soak) sockets() (n int) {
	for _, name := range s.descriptors() {
		if strings.HasPrefix(name, "socket:") {
			n++
		}
	}
	return n
}

func (s *soak) descriptors() (names []string) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.cmd.Process.Pid))
	s.must(err)
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil { // otherwise it has just been closed
			names = append(names, name)
		}
	}
	return names
}

// quiet waits until serve is idle, and takes a sample.
func (s *soak) quiet() (got sample) {
	s.eventually("serve has no child but one keeper", func() bool {
		return len(s.supervisors()) == 0 && len(children(s.cmd.Process.Pid)) <= 1
	})
	s.noTabs()
	s.eventually("no server has a record", func() bool { return len(s.records()) == 0 })
	a := s.answer(syscall.SIGUSR1)
	got = sample{At: time.Now(), Heap: a.Heap, Goroutines: a.Goroutines, Descriptors: len(s.descriptors()),
		RSS: s.status("VmRSS"), Threads: s.status("Threads")}
	for _, dir := range []string{s.cache, s.tmp} {
		files, bytes := size(dir)
		got.Entries += files
		got.Cache += bytes >> 10
	}
	return got
}

func (s *soak) records() []string {
	files, err := filepath.Glob(filepath.Join(s.cache, "era-of-asynchrony", "run", "*"))
	s.must(err)
	return slices.DeleteFunc(files, func(name string) bool {
		return !strings.HasSuffix(name, ".json") && !strings.Contains(name, "scratch-")
	})
}

// status returns a number of /proc/PID/status.
func (s *soak) status(name string) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	s.must(err)
	_, after, _ := strings.Cut(string(text), "\n"+name+":")
	n, err := strconv.Atoi(strings.Fields(after)[0])
	s.must(err)
	return n
}

// size returns what a folder contains. Files come and go meanwhile.
func size(dir string) (files, bytes int) {
	filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		files++
		if info, err := e.Info(); err == nil && !e.IsDir() {
			bytes += int(info.Size())
		}
		return nil
	})
	return files, bytes
}

// left returns the processes that have our cache in their environment.
func (s *soak) left() (pids []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is valid
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err == nil && bytes.Contains(environ, []byte(s.cache)) { // otherwise it is gone, or another user's
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}
