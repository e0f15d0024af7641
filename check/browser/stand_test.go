package browser

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"era/catalogue"
	"era/lab"
	"era/lab/live"
	"era/lab/matrix"
	"era/lab/recording"
	"era/lab/scenario"
	"era/site"
	"era/site/guard"
)

// stand is what serve assembles, with a lab that only counts, so that a test can see that nothing was started.
type stand struct {
	*guard.Guard
	address string
	key     string
	stop    func()
	wire    *wire
	runs    atomic.Int32
	hold    chan struct{} // if set, a run lasts until it is closed, or stopped
	// What the lab returns; nil: it goes on until it is stopped.
	result func(e scenario.Experiment, w lab.Watcher) *recording.Recording
}

func newStand(t *testing.T) *stand { return newStandAt(t, "127.0.0.1:0") }

func newStandAt(t *testing.T, addr string) *stand {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: listener}
	g, err := guard.New(w, guard.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{Guard: g, wire: w, address: g.Address(), key: g.URL()[len(g.Address()):]}
	endpoint := live.New(s, g, func(catalogue.Variant) error { return nil })
	mux := http.NewServeMux()
	mux.Handle("/lab/live", endpoint)
	mux.Handle("/", site.New(os.DirFS(root), site.Options{Stream: "lab/live"}).Handler())
	server, crowd := g.Server(mux)
	go server.Serve(crowd) // ends with the test
	s.stop = sync.OnceFunc(func() {
		endpoint.Close()
		server.Close()
	})
	t.Cleanup(s.stop)
	return s
}

func (s *stand) wait(ctx context.Context) error {
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// wire is a listener whose connections can be cut as a network is: bytes get lost, and neither side learns of it.
type wire struct {
	net.Listener
	mu  sync.Mutex
	cut bool
	all []*wired
}

type wired struct {
	net.Conn
	dead atomic.Bool
}

func (w *wire) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	end := &wired{Conn: c}
	end.dead.Store(w.cut)
	w.all = append(w.all, end)
	return end, nil
}

// set cuts the network, or mends it for new connections.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for _, c := range w.all {
		c.dead.Store(true)
	}
}

func (c *wired) Read(p []byte) (n int, err error) {
	for n, err = c.Conn.Read(p); err == nil && c.dead.Load(); {
		n, err = c.Conn.Read(p)
	}
	return n, err
}

func (c *wired) Write(p []byte) (int, error) {
	if c.dead.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// again starts another stand at the same address, as if serve had been restarted.
func (s *stand) again(t *testing.T) *stand {
	t.Helper()
	s.stop()
	return newStandAt(t, strings.Trim(strings.TrimPrefix(s.address, "http://"), "/"))
}

// Run counts.
func (s *stand) Run(ctx context.Context, e scenario.Experiment, w lab.Watcher) (*recording.Recording, error) {
	s.runs.Add(1)
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	if s.result != nil {
		r := s.result(e, w)
		if r == nil {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return r, nil
	}
	w.Started(lab.Started{Scenario: e.Scenario.Name})
	return &recording.Recording{Result: recording.Result{Scenario: e.Scenario.Name, Settings: map[string]string{},
		Servers: []recording.Server{}}}, nil
}

// Matrix counts, and returns one cell, which differs.
func (s *stand) Matrix(ctx context.Context, watch func(matrix.Place, recording.Cell)) (*recording.Matrix, error) {
	s.runs.Add(1)
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	c := recording.Cell{SHA256: "0123456789", Differs: []string{`GET /: a body that begins "<img src=x onerror=alert(1)>"`}}
	watch(matrix.Place{Row: 1, Column: 2}, c)
	return &recording.Matrix{Grids: []recording.Grid{{Cells: [][]recording.Cell{{c}}}}}, nil
}
