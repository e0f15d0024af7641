package live

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"era/internal/hang"
	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
)

func TestStrangersAreRefused(t *testing.T) {
	for status, g := range map[int]fakeGuard{http.StatusForbidden: {foreign: true},
		http.StatusUnauthorized: {stranger: true}, http.StatusServiceUnavailable: {full: true}} {
		_, response, err := websocket.Dial(t.Context(), serve(t, nil, g), nil)
		if err == nil || response == nil || response.StatusCode != status {
			t.Errorf("%+v: %v, %v", g, response, err)
		}
	}
}

func TestPlainGetTellsWhetherThePageMayRun(t *testing.T) {
	for want, g := range map[string]fakeGuard{"{\"may_run\":true}\n": {}, "{\"may_run\":false}\n": {stranger: true}} {
		r, err := http.Get("http" + strings.TrimPrefix(serve(t, nil, g), "ws"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || string(body) != want {
			t.Errorf("%+v: %q, %v", g, body, err)
		}
	}
}

// A page that asks while serve stops does not learn that it may run: it would open a WebSocket, be refused, and not ask
// again.
func TestPlainGetWhileStopping(t *testing.T) {
	e := New(nil, fakeGuard{}, canRun)
	e.Close()
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/lab/live", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("GET: %d %s, want 503", w.Code, w.Body)
	}
}

func TestOversizedRequestEndsTheConnection(t *testing.T) {
	p := open(t, serve(t, nil, fakeGuard{}))
	p.send(`{"type":"run","scenario":"` + strings.Repeat("x", maxRequest) + `"}`)
	if _, _, err := p.conn.Read(p.ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("the connection ended with %v", err)
	}
}

func TestSlowPageGetsMergedBatchesAndACountOfWhatWasDropped(t *testing.T) {
	q := newQueue()
	q.put(started{head{Type: "started"}, lab.Started{Servers: make([]lab.StartedServer, 1)}})
	q.take()
	const batches, marks = 50, 2000
	for i := range batches {
		track := recording.Track{Lanes: []recording.Lane{{ID: i}}, Marks: make([]recording.Mark, marks)}
		watcher{q, 1}.Batch(lab.Batch{Now: int64(i), Tracks: []lab.Tracks{{Track: track, Answered: i}}})
	}
	frame, some := q.take()
	if b, is := frame.(*batch); !some || !is || b.Now != batches-1 || len(b.Tracks[0].Lanes) != batches ||
		b.Tracks[0].Answered != batches-1 {
		t.Fatalf("took %+v", frame)
	} else if kept, lost := len(b.Tracks[0].Marks), b.Tracks[0].Dropped; kept != maxWaiting ||
		int(lost) != batches*marks-maxWaiting {
		t.Errorf("kept %d, said that %d were dropped", kept, lost)
	}
	if _, some := q.take(); some {
		t.Error("more than one batch waited")
	}
}

func TestMergingKeepsTheLabsLists(t *testing.T) {
	q := newQueue()
	all := []recording.Mark{{At: 1}, {At: 2}, {At: 3}}
	watcher{q, 1}.Batch(lab.Batch{Tracks: []lab.Tracks{{Track: recording.Track{Marks: all[:1]}}}})
	watcher{q, 1}.Batch(lab.Batch{Tracks: []lab.Tracks{{Track: recording.Track{Marks: []recording.Mark{{At: 9}}}}}})
	if all[1].At != 2 {
		t.Errorf("the lab's second mark became %+v", all[1])
	}
}

func TestRequests(t *testing.T) {
	bad := map[string]string{
		"unknown server":   `{"type":"run","servers":["../../bin/sh"],"scenario":"one-slow"}`,
		"unknown language": `{"type":"run","servers":["select/perl"],"scenario":"one-slow"}`,
		"too many":         `{"type":"run","servers":["blocking","threads","select","nonblocking","selectthreads"],"scenario":"one-slow"}`,
		"none":             `{"type":"run","servers":[],"scenario":"one-slow"}`,
		"twice":            `{"type":"run","servers":["select","select/go"],"scenario":"one-slow"}`,
		"unknown scenario": `{"type":"run","servers":["select"],"scenario":"rm"}`,
		"unknown knob":     `{"type":"run","servers":["select"],"scenario":"one-slow","settings":{"path":1}}`,
		"out of range":     `{"type":"run","servers":["select"],"scenario":"one-slow","settings":{"clients":1000000}}`,
		"not a number":     `{"type":"run","servers":["select"],"scenario":"one-slow","settings":{"clients":"20"}}`,
		"unknown key":      `{"type":"run","servers":["select"],"scenario":"one-slow","env":"LD_PRELOAD=x"}`,
		"unknown type":     `{"type":"exec"}`,
		"unknown measure":  `{"type":"run","servers":["select"],"scenario":"one-slow","measure":"fast.luck"}`,
		"two":              `{"type":"stop"}{"type":"stop"}`,
		"nothing":          ``,
	}
	for name, text := range bad {
		if _, err := parse([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzRunRequest(f *testing.F) {
	f.Add([]byte(run))
	f.Add([]byte(`{"type":"stop"}`))
	f.Add([]byte(`{"type":"run","servers":["select"],"scenario":"crowd","settings":{"clients":-1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parse(data)
		if err != nil || r.Type != askRun {
			return
		}
		e := r.experiment
		if len(e.Servers) < 1 || len(e.Servers) > scenario.SideBySide {
			t.Errorf("%d servers", len(e.Servers))
		}
		for _, v := range e.Servers {
			if !v.Server.Has(v.Language) {
				t.Errorf("no such server: %v", v)
			}
		}
		if len(e.Settings) == 0 {
			t.Error("no knob is set")
		}
	})
}

// A page that keeps asking and reads no answer is cut off before its answers fill the memory.
func TestUnreadAnswersEndTheConnection(t *testing.T) {
	url := serve(t, nil, fakeGuard{})
	ctx, cancel := context.WithTimeout(context.Background(), hang.After)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	// The answer names the unknown server, so it is as long. The sockets' buffers hold some thousands.
	unknown := []byte(`{"type":"run","servers":["` + strings.Repeat("x", maxRequest-100) + `"]}`)
	for n := 0; err == nil; n++ {
		if n == 20_000 {
			t.Fatalf("it took %d requests without an answer read", n)
		}
		err = conn.Write(ctx, websocket.MessageText, unknown)
	}
	if ctx.Err() != nil {
		t.Error("the connection stays open, with its answers in memory")
	}
}

func TestLongRequestIsNotRepeated(t *testing.T) {
	if _, err := parse([]byte(`{"type":"` + strings.Repeat("x", 3000) + `"}`)); err == nil ||
		len(err.Error()) > 200 {
		t.Errorf("%v", err)
	}
}
