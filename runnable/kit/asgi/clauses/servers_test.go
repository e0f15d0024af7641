//go:build linux || darwin

package clauses

import (
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"era/check/servertest"
	"era/runnable/kit/aio"
	"era/runnable/kit/asgi"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

// server is a running server. stop makes it end; over waits for that, and returns its exit code and output.
type server struct {
	addr  string // "" if it ended before it served
	diary string
	stop  func()
	over  func() (code int, said string)

	// Ours get all the time they need. Some others are known never to answer, and waiting for them takes that time.
	patience time.Duration
}

// contestant is a server under test. lifespan is what the application does in its lifespan: see LIFESPAN in apps.py.
type contestant struct {
	name    string
	modules []string // its Python modules. Uvicorn itself must be installed if CI=true
	seen    string   // the versions that its differences were seen with
	start   func(t *testing.T, python, lifespan string) *server
}

var servers = []contestant{
	{name: "loop", start: onLoop},
	{name: "goroutines", start: onGoroutines},
	{name: "python", modules: []string{"asyncio"}, start: program("ours.py")},
	{name: "uvicorn h11", modules: []string{"uvicorn", "h11", "wsproto"}, seen: "uvicorn 0.17.6, h11 0.14.0, wsproto 1.2.0",
		start: program("-m", "uvicorn", "apps:application", "--port", "0", "--http", "h11", "--loop", "asyncio", "--ws",
			"wsproto")},
	{name: "uvicorn httptools", modules: []string{"uvicorn", "httptools", "uvloop", "websockets"},
		seen: "uvicorn 0.17.6, httptools 0.1.1, uvloop 0.17.0, websockets 10.4",
		start: program("-m", "uvicorn", "apps:application", "--port", "0", "--http", "httptools", "--loop", "uvloop", "--ws",
			"websockets")},
	{name: "hypercorn", modules: []string{"hypercorn"}, seen: "hypercorn 0.13.2",
		start: program("-m", "hypercorn", "apps:application", "--bind", "127.0.0.1:0")},
	{name: "daphne", modules: []string{"daphne"}, seen: "daphne 4.0.0",
		start: program("-m", "daphne", "apps:application", "--port", "0")},
}

// ours reports whether a server is part of this repository: it has no version that could explain a failure.
func (c contestant) ours() bool { return c.seen == "" }

// find finds the Python that the server runs on, and its versions; a server in Go needs none.
func (c contestant) find(t *testing.T) (python, version string) {
	if c.modules == nil {
		return "", runtime.Version()
	}
	python, version = servertest.Python(c.modules...)
	if python == "" {
		first, _ := servertest.Python(c.modules[0])
		servertest.Missing(t, first == "" && (c.modules[0] == "uvicorn" || c.ours()), strings.Join(c.modules, " with "))
	}
	return python, version
}

// program starts a server in Python.
func program(args ...string) func(t *testing.T, python, lifespan string) *server {
	return func(t *testing.T, python, lifespan string) *server {
		servertest.DependsOn(t, "testdata", "../../../asgi", "../../python")
		diary := filepath.Join(t.TempDir(), "diary")
		p := servertest.Server(t, "testdata", []string{"DIARY=" + diary, "LIFESPAN=" + lifespan},
			append([]string{python}, args...)...)
		wait := 2 * time.Second
		if args[0] == "ours.py" {
			wait = patience
		}
		return &server{p.Addr, diary, p.Terminate, func() (int, string) { return p.ExitCode(wait), p.Said() }, wait}
	}
}

func onLoop(t *testing.T, _, lifespan string) *server {
	listener := job.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	bound, err := sys.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	s := &asgi.Server{}
	return run(t, s, bound.String(), func(diary string) error {
		return aio.Run(func(t *aio.Task) error {
			s.App = (&apps{Engine: asgi.OnLoop(t), lifespan: lifespan, diary: diary}).application
			return s.ServeOnLoop(t, listener)
		})
	})
}

func onGoroutines(t *testing.T, _, lifespan string) *server {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &asgi.Server{}
	return run(t, s, listener.Addr().String(), func(diary string) error {
		s.App = (&apps{Engine: asgi.OnGoroutines, lifespan: lifespan, diary: diary}).application
		return s.ServeOnGoroutines(listener)
	})
}

// run runs one of our servers until the test ends.
func run(t *testing.T, s *asgi.Server, addr string, serve func(diary string) error) *server {
	diary, ended := filepath.Join(t.TempDir(), "diary"), make(chan error, 1)
	go func() { ended <- serve(diary) }()
	t.Cleanup(s.Stop)
	return &server{addr, diary, s.Stop, func() (int, string) {
		if err := <-ended; err != nil {
			return 1, err.Error()
		}
		return 0, ""
	}, patience}
}
