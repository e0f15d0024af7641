//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/coder/websocket"
)

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
		&websocket.DialOptions{HTTPHeader: s.right.header, Subprotocols: s.right.subprotocols,
			HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
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
					t.conn.Close(websocket.StatusNormalClosure, "") // the other case is a page that vanishes without closing
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
