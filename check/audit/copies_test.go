//go:build linux

package audit_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"era/catalogue"
	"era/check/servertest"
	"era/runnable/kit/trace"
)

// changed makes a copy of a server in Python or C with texts replaced, by pairs: a chapter's exercise, or a bug. It
// returns the copy's source.
func changed(t *testing.T, folder, file string, pairs ...string) (source string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	kit, err := filepath.Abs(filepath.Join(runnable, "kit"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(kit, filepath.Join(dir, "kit")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	source = filepath.Join(dir, folder, file)
	copyWith(t, filepath.Join(runnable, folder, file), source, pairs...)
	return source
}

// TestCoroutineFails: a failing coroutine is logged, and its client's connection is closed. No other client is harmed.
func TestCoroutineFails(t *testing.T) {
	t.Run("python", func(t *testing.T) {
		servertest.Need(t, "python3")
		s := new(faulty)
		s.start(t, "python3", changed(t, "coroutines", "server.py", "request.answer(line)", "request.nswer(line)"))
		s.oneIsLost(t, "AttributeError", "in handle")
	})
	t.Run("go", func(t *testing.T) {
		v, err := catalogue.Find("coroutine")
		if err != nil {
			t.Fatal(err)
		}
		s := new(faulty)
		s.start(t, overlaid(t, v, "coroutines/main.go", "reply = request.Answer(line)", `panic("a bug: " + string(line))`)...)
		s.oneIsLost(t, "a bug", "main.handle")
	})
}

func (s *faulty) oneIsLost(t *testing.T, logged ...string) {
	t.Helper()
	for range 3 {
		if status := s.ask(t, "/ask"); status != 0 {
			t.Errorf("status %d, want a connection that is closed without a reply", status)
		}
		if status := s.ask(t, "/"); status != http.StatusOK {
			t.Errorf("beside it: status %d", status)
		}
	}
	for _, text := range logged {
		if !strings.Contains(s.stderr.String(), text) {
			t.Errorf("the log does not say %q", text)
		}
	}
}

// patient is the exercise of the chapter on callbacks: 502 after a while. The chapter waits for a second; a tenth is
// enough here.
var patient = []string{
	"        conn.close()\n        then(line, error)\n", "        timer.cancel()\n        loop.remove_reader(conn)\n        loop.remove_writer(conn)\n" +
		"        conn.close()\n        then(line, error)\n",
	"    try:\n        conn.setblocking(False)\n", "    timer = loop.call_later(0.1, done, None, TimeoutError())\n    try:\n        conn.setblocking(False)\n",
}

// TestExercisePatience: the timer exists before connect, so that a connect that fails at once finds it.
func TestExercisePatience(t *testing.T) {
	servertest.Need(t, "python3")
	server := changed(t, "callbacks", "server.py", patient...)
	t.Run("late", func(t *testing.T) {
		s := new(faulty)
		s.start(t, "python3", server)
		for target, want := range map[string]int{"/ask?delay=60000": http.StatusBadGateway, "/ask": http.StatusOK,
			"/": http.StatusOK} {
			if status := s.ask(t, target); status != want {
				t.Errorf("%s: status %d, want %d", target, status, want)
			}
		}
		s.loggedNothing(t)
	})
	t.Run("connect fails at once", func(t *testing.T) {
		s := new(faulty)
		s.start(t, "/bin/sh", "-c", `exec "$@" -backend 255.255.255.255:1`, "sh", "python3", server)
		if status := s.ask(t, "/ask"); status != http.StatusBadGateway {
			t.Errorf("status %d", status)
		}
		s.loggedNothing(t)
	})
}

func (s *faulty) loggedNothing(t *testing.T) {
	t.Helper()
	if said := s.stderr.String(); said != "" {
		t.Errorf("on standard error: %s", said)
	}
}

// TestExerciseEdge: the exercise of the chapter on epoll makes the C server watch reading and writing with edges, and
// then the slow reader's reply is stuck, as the chapter says.
func TestExerciseEdge(t *testing.T) {
	source := changed(t, "epoll", "server.c", ".events = wanted", ".events = wanted | EPOLLET")
	dir := t.TempDir()
	binary, preload, traced := filepath.Join(dir, "server"), servertest.Preload(t, dir), filepath.Join(dir, "trace")
	servertest.CC(t, binary, source)
	r, err := trace.Create(traced, 1<<14)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := new(faulty)
	s.start(t, "/usr/bin/env", trace.Env+"="+traced, "LD_PRELOAD="+preload, binary)
	if status := s.ask(t, "/ask"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	const in, out, edge = 0x1, 0x4, 1 << 31 // EPOLLIN, EPOLLOUT, EPOLLET
	seen := map[uint32]int{}
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		if e.Kind == trace.EpollCtl {
			seen[e.Arg]++
		}
	}
	// Without the edge: the listener, and sockets that are removed from the list.
	if seen[in|edge] == 0 || seen[out|edge] == 0 || seen[out] != 0 || seen[in] != 1 {
		t.Errorf("registered, by what was wanted: %x", seen)
	}
}
