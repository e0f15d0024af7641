//go:build linux

package main

import (
	"bufio"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/internal/hang"
)

var soakFor = flag.Duration("soak", 0, "how `long` TestSoak goes on; 0 is each chore once, with nothing measured")

// TestSoak does what many readers do for a long time: serve runs as a process of its own, in a copy of the checkout,
// and gets runs, stops, sockets, edits, page loads and kills in turn. The resources that serve holds when it is idle
// again must not grow, and when it has ended nothing of it may be left.
func TestSoak(t *testing.T) {
	s := startSoak(t)
	if *soakFor == 0 { // the rest takes long: make soak
		for _, chore := range chores {
			s.now = chore.name
			chore.do(s, 0)
			s.quiet()
		}
		s.end()
		return
	}
	s.warmUp()
	var samples []sample
	var began time.Time
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for turn := 0; began.IsZero() || time.Since(began) < *soakFor; turn++ {
		if turn == 2 { // by then everything was done twice, so everything that is made once and kept exists
			began = time.Now()
		}
		t.Logf("turn %d; what serve holds is looked at from turn 3 on", turn+1)
		for _, i := range random.Perm(len(chores)) {
			s.now = chores[i].name
			chores[i].do(s, turn)
			if got := s.quiet(); !began.IsZero() {
				samples = append(samples, got)
			}
		}
	}
	first, last := thirds(samples)
	t.Logf("%d chores\n%s", len(samples), table(samples))
	if s.done < s.runs/2 {
		t.Errorf("%d of %d runs came to their end, want half of them at least", s.done, s.runs)
	}
	for _, complaint := range grown(first, last) {
		t.Error(complaint)
	}
	if t.Failed() {
		t.Logf("goroutines at the end:\n%s", s.answer(syscall.SIGUSR2).Stacks)
	}
	s.end()
}

// soak is a serve under test.
type soak struct {
	t          *testing.T
	now        string // the chore
	runs, done int
	root       string // the copy of the checkout
	cache, tmp string
	cmd        *exec.Cmd
	answers    *bufio.Reader // what witness writes
	errors     *os.File
	base       string // http://127.0.0.1:PORT
	right      right
	client     *http.Client
}

// patience is long: on a busy machine, building all servers takes minutes.
const patience = 3 * hang.After

func startSoak(t *testing.T) *soak {
	s := &soak{t: t, now: "start", root: copyOfBook(t), tmp: t.TempDir(),
		client: &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}}
	s.cmd = onFreePort(t)
	for _, kv := range s.cmd.Env {
		if value, ok := strings.CutPrefix(kv, "XDG_CACHE_HOME="); ok {
			s.cache = value
		}
	}
	s.cmd.Dir = s.root
	s.cmd.Env = append(s.cmd.Env, beWitness+"=1", "TMPDIR="+s.tmp)
	answers, write, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { answers.Close() })
	s.answers, s.cmd.ExtraFiles = bufio.NewReader(answers), []*os.File{write}
	s.errors, err = os.Create(filepath.Join(t.TempDir(), "stderr"))
	must(t, err)
	s.cmd.Stderr = s.errors
	out, err := s.cmd.StdoutPipe()
	must(t, err)
	must(t, s.cmd.Start())
	write.Close()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait() // if all went well, it ended long ago
		if text, err := os.ReadFile(s.errors.Name()); t.Failed() && err == nil {
			t.Logf("serve's standard error ends:\n%s", text[max(0, len(text)-4000):])
		}
	})
	lines := bufio.NewReader(out)
	addr, key := linkIn(t, lines)
	go io.Copy(io.Discard, lines) // new keys are printed
	s.base = "http://" + addr
	s.right = s.enter(key)
	return s
}

// warmUp makes everything that is made once and kept: servers, and what Python compiles.
func (s *soak) warmUp() {
	t, drop := s.open()
	defer drop()
	for _, e := range experiments {
		t.send(e)
		t.await("done", "error")
	}
	s.eventually("all servers are built", s.built)
}

// built reports whether the cache has everything that serve builds when it starts.
func (s *soak) built() bool {
	for _, server := range catalogue.Servers() {
		for _, language := range server.Languages {
			if _, err := exec.LookPath("cc"); len(server.Needs) > 0 || language == catalogue.Python || language == catalogue.C &&
				err != nil {
				continue
			}
			name := server.Program() + "-" + string(language) + "-*"
			if found, err := filepath.Glob(filepath.Join(s.cache, "era-of-asynchrony", "bin", name)); err != nil ||
				len(found) == 0 {
				return false
			}
		}
	}
	return true
}

// copyOfBook copies what serve reads of the checkout; tests edit the copy.
func copyOfBook(t *testing.T) string {
	root, dir := filepath.Join("..", ".."), t.TempDir()
	for _, name := range []string{"content", "runnable", "static"} {
		must(t, os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))))
	}
	for _, name := range []string{"go.mod", "go.sum", "README.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *soak) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", s.now, err)
	}
}

// eventually waits until the condition holds.
func (s *soak) eventually(what string, so func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s: after %v it is still not so: %s", s.now, patience, what)
		}
	}
}

// end stops serve in the middle of an experiment, as Ctrl-C does, and looks for what it left.
func (s *soak) end() {
	s.now = "the end"
	t, drop := s.open()
	defer drop()
	t.send(experiments[0])
	t.await("batch")
	s.must(s.cmd.Process.Signal(os.Interrupt))
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			s.t.Errorf("after Ctrl-C: %v, want exit status 0", err)
		}
	case <-time.After(patience):
		s.t.Fatalf("serve still runs %v after Ctrl-C", patience)
	}
	s.eventually("no process of serve's is left", func() bool { return len(s.left()) == 0 })
	if files, err := os.ReadDir(s.tmp); err != nil || len(files) > 0 {
		s.t.Errorf("left in the folder for temporary files: %v, %v; want nothing", files, err)
	}
	if records := s.records(); len(records) > 0 {
		s.t.Errorf("left in the cache: %q, want no record of a run", records)
	}
}
