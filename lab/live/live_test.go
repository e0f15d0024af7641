package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"era/catalogue"
	"era/internal/hang"
	"era/lab"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
)

// fakeLab runs what the test wants.
type fakeLab func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error)

func (f fakeLab) Run(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error) {
	return f(ctx, e, w)
}

// Matrix has two cells, and waits in the second until it is stopped.
func (f fakeLab) Matrix(ctx context.Context, watch func(place, recording.Cell)) (*recording.Matrix, error) {
	watch(place{Row: 1, Column: 2}, recording.Cell{SHA256: "abc", Bridges: 1})
	<-ctx.Done()
	return nil, ctx.Err()
}

type fakeGuard struct {
	foreign, stranger, full bool
	ended                   context.Context // the right's; nil: it never ends
}

func (g fakeGuard) CheckUpgrade(*http.Request) error {
	if g.foreign {
		return errors.New("foreign origin")
	}
	return nil
}
func (g fakeGuard) MayRun(*http.Request) bool { return !g.stranger }
func (g fakeGuard) Status(*http.Request) any  { return map[string]bool{"may_run": !g.stranger} }
func (g fakeGuard) Connect(*http.Request) (context.Context, func(), error) {
	if g.full {
		return nil, nil, errors.New("too many connections")
	}
	if g.ended == nil {
		g.ended = context.Background()
	}
	return g.ended, func() {}, nil
}

func canRun(v catalogue.Variant) error {
	if v.Language == catalogue.C {
		return errors.New("no C compiler")
	}
	return nil
}

func serve(t *testing.T, l Lab, g Guard) string {
	t.Helper()
	e := New(l, g, canRun)
	s := httptest.NewServer(e)
	t.Cleanup(func() { e.Close(); s.Close() })
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// page is the page's side of the connection.
type page struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

func open(t *testing.T, url string) *page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang.After)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	p := &page{t, ctx, conn}
	p.expect("ready")
	return p
}

func (p *page) send(text string) {
	p.t.Helper()
	if err := p.conn.Write(p.ctx, websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

// expect reads frames until one of the type comes, and returns it.
func (p *page) expect(kind string) map[string]any {
	p.t.Helper()
	var seen []string
	for {
		_, data, err := p.conn.Read(p.ctx)
		if err != nil {
			p.t.Fatalf("waiting for %q after %v: %v", kind, seen, err)
		}
		var frame map[string]any
		if err := json.Unmarshal(data, &frame); err != nil {
			p.t.Fatal(err)
		}
		if frame["type"] == kind {
			return frame
		}
		seen = append(seen, string(data[:min(len(data), 120)]))
	}
}

const run = `{"type":"run","servers":["blocking","select/python"],"scenario":"one-slow","settings":{"clients":3},"seed":7,"measure":"fast.answered"}`

func begun(e scenario.Experiment) lab.Started {
	s := lab.Started{Scenario: e.Scenario.Name}
	for _, v := range e.Servers {
		s.Servers = append(s.Servers, lab.StartedServer{ID: v.Server.ID, Language: v.Language, Title: v.Server.Title})
	}
	return s
}

func TestRunFromFirstFrameToLast(t *testing.T) {
	asked, end := make(chan scenario.Experiment, 1), make(chan struct{}, 1)
	end <- struct{}{} // of the first experiment
	defer close(end)
	url := serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error) {
		asked <- e
		<-end
		w.Phase("building")
		w.Started(begun(e))
		mark := recording.Mark{At: 5, Took: 6, State: recording.Blocked, Call: "read", FD: 7, Count: 1, Site: -1}
		w.Batch(lab.Batch{Now: 60, Tracks: []lab.Tracks{{Track: recording.Track{Marks: []recording.Mark{mark}}, Answered: 2,
			Sent: 3,
			Rows: []recording.Row{{Kind: "thread", Label: "1 thread"}}}, {}}})
		fast := map[string]recording.Group{"fast": {Requests: recording.Requests{Answered: 3}}}
		return &recording.Recording{Result: recording.Result{Scenario: e.Scenario.Name,
			Servers: []recording.Server{{PerGroup: fast}, {}}}, Length: 99,
			Tracks: []recording.Track{{Lanes: []recording.Lane{{Kind: "thread", Name: "thread 1"}},
				Marks: []recording.Mark{mark}}, {}}}, nil
	}), fakeGuard{})
	p := open(t, url)
	p.send(`{"type":"trace"}`)
	if text := p.expect("trace")["text"]; text != "" {
		t.Errorf("before the first run its trace is %q", text)
	}
	p.send(run)
	e := <-asked
	if len(e.Servers) != 2 || e.Servers[1].String() != "select/python" || e.Settings["clients"] != 3 || e.Seed != 7 {
		t.Errorf("the lab was asked for %+v", e)
	}
	if e.Settings["pause"] == 0 {
		t.Error("a knob that was not named has no default")
	}
	servers := p.expect("started")["experiment"].(map[string]any)["servers"].([]any)
	if len(servers) != 2 {
		t.Errorf("started %v", servers)
	}
	track := p.expect("batch")["tracks"].([]any)[0].(map[string]any)
	if got, _ := json.Marshal(track["marks"]); string(got) != `[[0,5,6,"blocked","read",7,0,"",1,-1]]` {
		t.Errorf("marks %s", got)
	}
	if track["answered"] != 2.0 {
		t.Errorf("answered %v", track["answered"])
	}
	if got, _ := json.Marshal(track["rows"]); string(got) != `[{"kind":"thread","label":"1 thread"}]` {
		t.Errorf("rows %s", got)
	}
	d := p.expect("done")
	if d["length"] != 99.0 || d["result"].(map[string]any)["scenario"] != "one-slow" {
		t.Errorf("done %v", d)
	}
	if got, _ := json.Marshal(d["measured"]); string(got) != `[{"value":3,"words":"3 answered"},null]` {
		t.Errorf("measured %s", got)
	}
	if moments, are := d["moments"].([]any); !are || len(moments) > 0 { // of a run without marks
		t.Errorf("moments %v", d["moments"])
	}
	if rows := d["table"].(map[string]any)["rows"].([]any); len(rows) != 2 || rows[0].([]any)[0] != "3 of 3" {
		t.Errorf("table %v", rows)
	}
	p.send(`{"type":"trace"}`)
	var trace struct{ TraceEvents []map[string]any }
	if err := json.Unmarshal([]byte(p.expect("trace")["text"].(string)), &trace); err != nil ||
		len(trace.TraceEvents) < 3 {
		t.Errorf("trace %v: %v", trace, err)
	}
	p.send(run)
	<-asked
	p.send(`{"type":"trace"}`)
	if text := p.expect("trace")["text"].(string); !strings.Contains(text, "traceEvents") {
		t.Errorf("while another experiment runs, the trace of the last one is %q", text)
	}
}

func TestReadySaysWhatThisMachineLacks(t *testing.T) {
	url := serve(t, nil, fakeGuard{})
	ctx, cancel := context.WithTimeout(context.Background(), hang.After)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	_, data, err := conn.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var r ready
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Servers) != len(catalogue.Servers()) || r.Servers[0].Missing["c"] == "" || r.Servers[0].Missing["go"] != "" {
		t.Errorf("servers: %+v", r.Servers)
	}
	if len(r.Scenarios) == 0 || len(r.Scenarios[0].Knobs) == 0 {
		t.Errorf("scenarios: %+v", r.Scenarios)
	}
}

func TestStopEndsTheRunAndTheNextOneRuns(t *testing.T) {
	ended := make(chan struct{}, 2)
	url := serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error) {
		w.Started(begun(e))
		<-ctx.Done()
		ended <- struct{}{}
		return nil, ctx.Err()
	}), fakeGuard{})
	p := open(t, url)
	p.send(run)
	p.expect("started")
	p.send(`{"type":"stop"}`)
	if text := p.expect("error")["text"]; text != "Stopped." {
		t.Errorf("the page received %q", text)
	}
	<-ended
	p.send(run)
	p.expect("started")
}

// A second run takes the place of the first. Frames name their run, so that the first one's end is not reported as the
// second's: its page learns that it was stopped.
func TestSecondRunTakesThePlaceOfTheFirst(t *testing.T) {
	running := make(chan uint64, 2)
	url := serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error) {
		running <- e.Seed
		w.Started(begun(e))
		if e.Seed == 7 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return &recording.Recording{}, nil
	}), fakeGuard{})
	p := open(t, url)
	p.send(numbered(1, 7))
	<-running
	p.send(numbered(2, 8))
	if seed := <-running; seed != 8 {
		t.Errorf("seed %d runs", seed)
	}
	if ended := p.expect("error"); ended["run"] != 1.0 || !strings.Contains(ended["text"].(string), "another experiment") {
		t.Errorf("of the first run the page received %v", ended)
	}
	if begun := p.expect("started"); begun["run"] != 2.0 {
		t.Errorf("of the second run the page received %v", begun)
	}
	if done := p.expect("done"); done["run"] != 2.0 {
		t.Errorf("of the second run the page received %v", done)
	}
}

// numbered is a request with the page's number of the run, and a seed.
func numbered(number, seed int) string {
	return strings.Replace(run, `"seed":7`, fmt.Sprintf(`"seed":%d,"run":%d`, seed, number), 1)
}

// A Stop is for the run that it names: one that was sent before its run was over, and arrives after the next has begun,
// stops nothing.
func TestLateStop(t *testing.T) {
	release := make(chan struct{})
	p := open(t, serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording,
		error) {
		w.Started(begun(e))
		if e.Seed == 8 {
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return &recording.Recording{}, ctx.Err()
	}), fakeGuard{}))
	p.send(numbered(1, 7))
	p.expect("done")
	p.send(numbered(2, 8))
	p.expect("started")
	p.send(`{"type":"stop","run":1}`)
	p.send(`{"type":"alive"}`) // its answer comes after Stop was read
	p.expect("alive")
	close(release)
	if done := p.expect("done"); done["run"] != 2.0 {
		t.Errorf("the page received %v", done)
	}
}

// While a run that was stopped takes its time to end, serve still gives signs of life: a page that misses them takes
// the connection for dead.
func TestAliveWhileStopping(t *testing.T) {
	release := make(chan struct{})
	p := open(t, serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording,
		error) {
		w.Started(begun(e))
		<-ctx.Done()
		<-release
		return nil, ctx.Err()
	}), fakeGuard{}))
	p.send(numbered(1, 7))
	p.expect("started")
	p.send(`{"type":"stop","run":1}`)
	p.send(`{"type":"alive"}`)
	p.expect("alive")
	close(release)
	if ended := p.expect("error"); ended["text"] != "Stopped." || ended["run"] != 1.0 {
		t.Errorf("the page received %v", ended)
	}
}

// The servers of a page that has connected may be built ahead. A tab without the right has no connection.
func TestAhead(t *testing.T) {
	asked := make(chan string, 1)
	e := New(nil, fakeGuard{}, canRun)
	e.Ahead = func(page string) { asked <- page }
	s := httptest.NewServer(e)
	t.Cleanup(func() { e.Close(); s.Close() })
	p := open(t, "ws"+strings.TrimPrefix(s.URL, "http"))
	p.send(`{"type":"ahead","page":"select.html"}`)
	if page := <-asked; page != "select.html" {
		t.Errorf("built ahead for %q", page)
	}
}

// A page sees how far a build has come. Of many such frames only the last one waits for a slow page.
func TestBuildingIsShown(t *testing.T) {
	q := newQueue()
	v, err := catalogue.Find("select")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		watcher{q, 4}.Building(lab.Building{Variant: v, Progress: process.Progress{Done: n, Of: 7, Took: 2 * time.Second}})
	}
	frame, _ := q.take()
	if got, _ := json.Marshal(frame); string(got) != `{"type":"phase","run":4,"text":"building select · Go, the first time only …","far":"package 2 of 7, 2 s","done":2,"of":7}` {
		t.Errorf("the page receives %s", got)
	}
	if more, some := q.take(); some {
		t.Errorf("then it receives %v", more)
	}
}

func TestClosingTheTabStopsItsRun(t *testing.T) {
	ended := make(chan struct{})
	url := serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error) {
		w.Started(begun(e))
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}), fakeGuard{})
	p := open(t, url)
	p.send(run)
	p.expect("started")
	p.conn.CloseNow()
	select {
	case <-ended:
	case <-p.ctx.Done():
		t.Fatal("the run continues without its page")
	}
}

func TestRevokedRightStopsTheRun(t *testing.T) {
	right, revoke := context.WithCancel(context.Background())
	ended := make(chan struct{})
	p := open(t, serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording,
		error) {
		w.Started(begun(e))
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}), fakeGuard{ended: right}))
	p.send(run)
	p.expect("started")
	revoke()
	select {
	case <-ended:
	case <-p.ctx.Done():
		t.Fatal("the run continues without its right")
	}
	for {
		if _, _, err := p.conn.Read(p.ctx); err != nil {
			if p.ctx.Err() != nil {
				t.Error("the connection stays open")
			}
			return
		}
	}
}

func TestOneExperimentAtATime(t *testing.T) {
	release := make(chan struct{})
	url := serve(t, fakeLab(func(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error) {
		w.Started(begun(e))
		select {
		case <-release:
		case <-ctx.Done():
		}
		return &recording.Recording{}, nil
	}), fakeGuard{})
	one, two := open(t, url), open(t, url)
	one.send(run)
	one.expect("started")
	two.send(run)
	if text := two.expect("phase")["text"].(string); !strings.HasPrefix(text, "waiting") {
		t.Errorf("the second tab received %q", text)
	}
	close(release)
	one.expect("done")
	two.expect("done")
}
