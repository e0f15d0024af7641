// Package live lets a page run experiments and watch them: one WebSocket per tab, on which a run belongs to its
// connection and ends with it.
package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"era/catalogue"
	"era/lab"
	"era/lab/guess"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/story"
	"era/lab/table"
	"era/lab/verdict"
)

const (
	maxRequest = 4 << 10 // bytes
	maxTabs    = 32
	maxFrames  = 200              // for a page that keeps asking and does not read the answers
	writeTime  = 10 * time.Second // for one frame; a page that takes none for so long is gone
	pingEvery  = 20 * time.Second

	subprotocol = "era" // the other one that pages offer carries their right, and is for the guard alone
)

// Lab runs experiments: a *lab.Lab.
type Lab interface {
	Run(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error)
	Matrix(ctx context.Context, watch func(place, recording.Cell)) (*recording.Matrix, error)
}

// Guard decides which requests may run: a *guard.Guard.
type Guard interface {
	CheckUpgrade(r *http.Request) error // of the request's origin
	// Connect counts the WebSocket of the right that the request carries. ended is done when the right ends.
	Connect(r *http.Request) (ended context.Context, leave func(), err error)
	MayRun(r *http.Request) bool // whether it carries one
	Status(r *http.Request) any  // what the page learns about its right, as JSON
}

// Endpoint serves the WebSocket.
type Endpoint struct {
	lab       Lab
	guard     Guard
	available func(catalogue.Variant) error

	// Ahead is called with the name of a page that has connected, so that its servers can be built before the reader asks
	// for them. It is nil where nothing is built. The name is whatever the page sent.
	Ahead func(page string)

	machine chan struct{} // holds one token: one experiment at a time, as others would disturb its times
	tabs    chan struct{}
	closing context.Context
	close   context.CancelFunc

	mu   sync.Mutex // tabs are not admitted while Close waits for them
	open sync.WaitGroup
}

// New returns an endpoint. available returns why this machine cannot run a server, nil if it can.
func New(l Lab, g Guard, available func(catalogue.Variant) error) *Endpoint {
	e := &Endpoint{lab: l, guard: g, available: available, machine: make(chan struct{}, 1),
		tabs: make(chan struct{}, maxTabs)}
	e.closing, e.close = context.WithCancel(context.Background())
	return e
}

// Close stops all runs and waits until they have ended.
func (e *Endpoint) Close() {
	e.mu.Lock()
	e.close()
	e.mu.Unlock()
	e.open.Wait()
}

// enter admits a tab; it returns false if there is no room, or if serve is stopping.
func (e *Endpoint) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing.Err() != nil {
		return false
	}
	select {
	case e.tabs <- struct{}{}:
		e.open.Add(1)
		return true
	default:
		return false
	}
}

func (e *Endpoint) leave() {
	<-e.tabs
	e.open.Done()
}

// ServeHTTP answers an upgrade: 403 for a foreign origin, 401 without the right to run, 503 without room. A plain GET
// tells the page whether it has that right, because a script cannot see why an upgrade failed.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.closing.Err() != nil { // otherwise the page would open a WebSocket that is refused, and not ask again
		http.Error(w, "serve is stopping", http.StatusServiceUnavailable)
		return
	}
	if r.Header.Get("Upgrade") == "" {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		json.NewEncoder(w).Encode(e.guard.Status(r)) // the page may be gone; then nothing can be done
		return
	}
	if err := e.guard.CheckUpgrade(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	if !e.guard.MayRun(r) {
		http.Error(w, "open the page through the link that serve printed: it carries the key", http.StatusUnauthorized)
		return
	}
	ended, leave, err := e.guard.Connect(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer leave()
	if !e.enter() {
		http.Error(w, "too many tabs are open, or serve is stopping", http.StatusServiceUnavailable)
		return
	}
	defer e.leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxRequest)
	ctx, cancel := context.WithCancel(e.closing)
	defer cancel()
	defer context.AfterFunc(ended, cancel)() // a tab whose right is revoked is cut off, and its run with it
	t := &tab{Endpoint: e, conn: conn, queue: newQueue()}
	t.queue.put(newReady(e.available))
	var parts sync.WaitGroup
	parts.Go(func() { defer cancel(); t.write(ctx) })
	parts.Go(func() { defer cancel(); t.ping(ctx) })
	t.read(ctx)
	cancel()
	t.end(errSuperseded)
	parts.Wait()
}

// tab is one connection.
type tab struct {
	*Endpoint
	conn  *websocket.Conn
	queue *queue

	number uint32                  // of the run, as the page counts
	cancel context.CancelCauseFunc // of the run, nil if there is no run
	ended  chan struct{}
	last   atomic.Pointer[recording.Recording] // of the tab's last experiment that was complete
}

// Why a run ended before it was over.
var (
	errStopped    = errors.New("stopped")
	errSuperseded = errors.New("superseded by another run of the page") // or the page is gone, and reads nothing
)

// read handles requests until the page is gone, or has left too many answers unread.
func (t *tab) read(ctx context.Context) {
	for t.queue.length() <= maxFrames {
		kind, data, err := t.conn.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageText {
			t.conn.Close(websocket.StatusUnsupportedData, "requests are text")
			return
		}
		r, err := parse(data)
		switch {
		case err != nil:
			t.queue.put(message{head{"error", r.Run}, err.Error()})
		case r.Type == askRun:
			t.start(ctx, r, t.experiment)
		case r.Type == askMatrix:
			t.start(ctx, r, t.matrix)
		case r.Type == askTrace:
			t.queue.put(&trace{t.last.Load()})
		case r.Type == askAlive:
			t.queue.put(message{head: head{Type: askAlive}})
		case r.Type == askAhead:
			if t.Ahead != nil {
				t.Ahead(r.Page)
			}
		case t.cancel != nil && r.Run == t.number: // a Stop that comes after its run is over stops no other
			t.cancel(errStopped) // and does not wait for the end: the page may ask for a sign of life meanwhile
		}
	}
}

// start ends the run, if there is one, and starts another.
func (t *tab) start(ctx context.Context, r request, do func(context.Context, request) error) {
	t.end(errSuperseded)
	ctx, t.cancel = context.WithCancelCause(ctx)
	t.number, t.ended = r.Run, make(chan struct{})
	go func() {
		defer close(t.ended)
		t.run(ctx, r, do)
	}()
}

// end stops the run, if there is one, and waits until its servers are gone.
func (t *tab) end(why error) {
	if t.cancel == nil {
		return
	}
	t.cancel(why)
	<-t.ended
	t.cancel = nil
}

// run waits for the machine, does what was asked for, and tells the page if that failed.
func (t *tab) run(ctx context.Context, r request, do func(context.Context, request) error) {
	fail := func(err error) {
		text := err.Error()
		switch context.Cause(ctx) {
		case errStopped:
			text = "Stopped."
		case errSuperseded:
			text = "Stopped: another experiment of this page was started."
		}
		t.queue.put(message{head{"error", r.Run}, text})
	}
	select {
	case t.machine <- struct{}{}:
	default:
		t.queue.put(phase{head: head{"phase", r.Run}, Text: "waiting: another tab is running"})
		select {
		case t.machine <- struct{}{}:
		case <-ctx.Done():
			fail(ctx.Err())
			return
		}
	}
	defer func() { <-t.machine }()
	if err := do(ctx, r); err != nil {
		fail(err)
	}
}

// experiment runs an experiment, and tells the page what happens.
func (t *tab) experiment(ctx context.Context, asked request) error {
	r, err := t.lab.Run(ctx, asked.experiment, watcher{t.queue, asked.Run})
	if err == nil {
		t.last.Store(r)
		t.queue.put(done{head{"done", asked.Run}, verdict.On(r.Result), r.Length,
			table.Of(asked.experiment.Scenario.Groups, r.Result), guess.Figures(r.Result, asked.Measure), story.Of(r)})
	}
	return err
}

// matrix runs every application on every server, and sends the page each cell.
func (t *tab) matrix(ctx context.Context, asked request) error {
	m, err := t.lab.Matrix(ctx, func(at place, c recording.Cell) {
		t.queue.put(cell{head{"cell", asked.Run}, at, c.Shown(), c.Differs})
	})
	if err == nil {
		t.queue.put(matrixDone{head{"matrix", asked.Run}, m.Summary()})
	}
	return err
}

// write sends what is in the queue.
func (t *tab) write(ctx context.Context) {
	var sent known
	for {
		frame, some := t.queue.take()
		if !some {
			select {
			case <-t.queue.some:
				continue
			case <-ctx.Done():
				return
			}
		}
		sent.abridge(frame)
		if err := t.send(ctx, frame); err != nil {
			return
		}
	}
}

func (t *tab) send(ctx context.Context, frame any) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return fmt.Errorf("frame: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	return t.conn.Write(ctx, websocket.MessageText, data)
}

// ping notices a page that is gone without closing the connection.
func (t *tab) ping(ctx context.Context) {
	every := time.NewTicker(pingEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			ping, cancel := context.WithTimeout(ctx, writeTime)
			err := t.conn.Ping(ping)
			cancel()
			if err != nil {
				return
			}
		}
	}
}
