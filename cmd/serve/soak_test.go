//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

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
		flat[i] = sample{RSS: 50_000 + i%3*4_000, Heap: 9_000 + i%5*900, Cache: 90_000, Goroutines: 20 + i%4*3, Descriptors: 12 + i%2*5, Threads: 9, Entries: 300}
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
	s.cmd = serveCommand(t, "-addr", "127.0.0.1:0", "-open=false")
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
	line, err := lines.ReadString('\n')
	must(t, err)
	go io.Copy(io.Discard, lines) // new keys are printed
	found := link.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("serve's first line: %q, want a link with a key", line)
	}
	s.base = "http://" + found[1]
	s.right = s.enter(found[2])
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
			if _, err := exec.LookPath("cc"); len(server.Needs) > 0 || language == catalogue.Python || language == catalogue.C && err != nil {
				continue
			}
			name := server.Program() + "-" + string(language) + "-*"
			if found, err := filepath.Glob(filepath.Join(s.cache, "era-of-asynchrony", "bin", name)); err != nil || len(found) == 0 {
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
			answer, _ := json.Marshal(map[string]any{"goroutines": runtime.NumGoroutine(), "heap": int(m.HeapAlloc >> 10), "stacks": stacks.String()})
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

// right is what lets a page run experiments.
type right struct {
	header       http.Header
	subprotocols []string
}

// enter trades the key for the right, as the page does.
func (s *soak) enter(key string) right {
	token := enter(s.t, s.client, strings.TrimPrefix(s.base, "http://"), key)
	return right{http.Header{"Origin": {s.base}}, []string{"era", "right." + token}}
}

// tab is a page's WebSocket.
type tab struct {
	*soak
	ctx  context.Context
	conn *websocket.Conn
}

func (s *soak) open() (t tab, drop func()) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.base, "http")+"/"+stream,
		&websocket.DialOptions{HTTPHeader: s.right.header, Subprotocols: s.right.subprotocols, HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
	s.must(err)
	conn.SetReadLimit(64 << 20)
	return tab{s, ctx, conn}, func() { conn.CloseNow(); cancel() }
}

func (t tab) send(text string) { t.must(t.conn.Write(t.ctx, websocket.MessageText, []byte(text))) }

// frame has the fields that matter here.
type frame struct {
	Type, Text string
	Result     json.RawMessage
}

// await reads frames until one of these types comes.
func (t tab) await(kinds ...string) frame {
	t.t.Helper()
	var seen []string
	for {
		_, data, err := t.conn.Read(t.ctx)
		if err != nil {
			t.t.Fatalf("%s: waiting for %q after %v: %v", t.now, kinds, seen, err)
		}
		var f frame
		t.must(json.Unmarshal(data, &f))
		if slices.Contains(kinds, f.Type) {
			return f
		}
		seen = append(seen, f.Type)
	}
}

// experiments take a second or two each.
var experiments = []string{
	`{"type":"run","scenario":"one-slow","servers":["blocking","select/python","threads/c","goroutines"],"settings":{"pause":300},"seed":1}`,
	`{"type":"run","scenario":"crowd","servers":["epoll","epoll/python","coroutine","asyncawait/python"],"settings":{},"seed":2}`,
	`{"type":"run","scenario":"reset","servers":["poll/c","nonblocking","callbacks/python"],"settings":{},"seed":3}`,
	`{"type":"run","scenario":"echo","servers":["tcpserver","tcpserver/python"],"settings":{},"seed":4}`,
	`{"type":"run","scenario":"mail","servers":["mailserver","mailserver/python"],"settings":{},"seed":5}`,
	`{"type":"run","scenario":"upload","servers":["wsgi","wsgi-workers","asgi","asgi/python"],"settings":{"size":65536},"seed":6}`,
	`{"type":"run","scenario":"websocket","servers":["asgi","asgi-goroutines","asgi/python"],"settings":{},"seed":7}`,
	`{"type":"run","scenario":"storm","servers":["select","epoll/c"],"settings":{"clients":100},"seed":8}`,
}

func experiment(turn int) string { return experiments[turn%len(experiments)] }

// chores are done in turn, in a changing order.
var chores = []struct {
	name string
	do   func(*soak, int)
}{
	{"two runs", func(s *soak, turn int) {
		t, drop := s.open()
		defer drop()
		for i := range 2 {
			t.send(experiment(2*turn + i))
			s.runs++
			if f := t.await("done", "error"); f.Type == "done" {
				s.done++
			} else { // a server that is not ready within ten seconds, on a busy machine
				s.t.Logf("%s: %s: %s", s.now, experiment(2*turn+i), f.Text)
			}
		}
	}},
	{"stop in every phase", func(s *soak, turn int) {
		t, drop := s.open()
		defer drop()
		for _, phase := range []string{"", "phase", "started", "batch"} {
			t.send(experiment(turn))
			if phase != "" {
				t.await(phase)
			}
			t.send(`{"type":"stop"}`)
			if f := t.await("error", "done"); f.Type == "error" && f.Text != "Stopped." {
				s.t.Errorf("%s: stopped after %q: told %q, want \"Stopped.\"", s.now, phase, f.Text)
			}
		}
	}},
	{"leave in every phase", func(s *soak, turn int) {
		for _, phase := range []string{"", "phase", "started", "batch"} {
			t, drop := s.open()
			t.send(experiment(turn))
			if phase != "" {
				t.await(phase)
			}
			drop()
		}
	}},
	{"run after run without waiting", func(s *soak, turn int) {
		t, drop := s.open()
		defer drop()
		for i := range 10 {
			t.send(experiment(turn + i))
		}
		t.await("done", "error")
	}},
	{"sockets", func(s *soak, _ int) {
		var all sync.WaitGroup
		for i := range 40 {
			if i%20 == 0 {
				all.Wait() // there is room for 32
				s.noTabs()
			}
			t, drop := s.open()
			all.Go(func() {
				if i%2 == 0 {
					// The other case is a page that vanishes without closing.
					t.conn.Close(websocket.StatusNormalClosure, "")
				}
				drop()
			})
		}
		all.Wait()
	}},
	{"edits", func(s *soak, turn int) {
		mark := fmt.Sprintf("Soaked %d times.", turn)
		s.edit("content/blocking/index.md", "\n\n"+mark+"\n")
		s.eventually("the page shows the edit", func() bool { return strings.Contains(s.get("/blocking/", 200), mark) })
		s.edit("runnable/select/main.go", []string{"\n// one\n", "\n// another\n"}[turn%2]) // two builds of it, and no third
		t, drop := s.open()
		defer drop()
		t.send(`{"type":"run","scenario":"one-slow","servers":["select"],"settings":{"pause":100},"seed":9}`)
		t.await("done", "error")
	}},
	{"pages", func(s *soak, _ int) {
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				path, status := []string{"/", "/blocking/", "/select/", "/glossary/", "/wsgi/", "/no/such/page"}[i%6], 200
				if i%6 == 5 {
					status = 404
				}
				s.get(path, status)
			})
		}
		all.Wait()
	}},
	{"kill servers", func(s *soak, turn int) { s.killIn(turn, false) }},
	{"kill supervisors", func(s *soak, turn int) { s.killIn(turn, true) }},
}

// killIn kills what serve started, in the middle of an experiment. The result comes nevertheless.
func (s *soak) killIn(turn int, supervisors bool) {
	t, drop := s.open()
	defer drop()
	t.send(experiment(turn))
	t.await("batch", "done", "error")
	for _, supervisor := range s.supervisors() {
		for _, pid := range append(children(supervisor), supervisor) {
			if (pid == supervisor) == supervisors {
				syscall.Kill(pid, syscall.SIGKILL) // it may be gone by now
			}
		}
	}
	t.await("done", "error")
}

// edit ends a file of the copy with a text; it keeps the original content, and drops the last edit.
func (s *soak) edit(name, end string) {
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	s.must(err)
	file := filepath.Join(s.root, name)
	s.must(os.WriteFile(file+".new", append(text, end...), 0o600))
	s.must(os.Rename(file+".new", file)) // in one step, as editors save
}

func (s *soak) get(path string, status int) (body string) {
	response, err := s.client.Get(s.base + path)
	if err != nil {
		s.t.Errorf("%s: %v", s.now, err)
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		s.t.Errorf("%s: GET %s: %s, %v; want %d", s.now, path, response.Status, err, status)
	}
	return string(text)
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
