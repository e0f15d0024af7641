package anyserver

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"era/runnable/kit/aio"
	"era/runnable/kit/asgi"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// servers are the book's servers, and Go's.
var servers = map[string]func(addr sys.Addr, a Application) error{
	"threads":    func(addr sys.Addr, a Application) error { return onWSGI(addr, &wsgi.Threads{App: a.wsgi()}) },
	"workers":    func(addr sys.Addr, a Application) error { return onWSGI(addr, &wsgi.Workers{App: a.wsgi()}) },
	"loop":       onLoop,
	"goroutines": onGoroutines,
	"nethttp":    onNetHTTP,
}

// Main is the main function of a program with named applications: it runs one of them on one server until a signal ends
// it. Each is made with its backend.
func Main(apps map[string]func(backend sys.Addr) Application) {
	app := flag.String("app", "", "`name` of the application: "+names(apps))
	server := flag.String("server", "threads", "`name` of the server: "+names(servers))
	addr, backend := job.Flags()
	if apps[*app] == nil {
		log.Fatalf("-app %q: there are %s", *app, names(apps))
	}
	if servers[*server] == nil {
		log.Fatalf("-server %q: there are %s", *server, names(servers))
	}
	if err := servers[*server](addr, apps[*app](backend)); err != nil {
		log.Fatal(err)
	}
}

func names[V any](of map[string]V) string {
	var all []string
	for name := range of {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func onWSGI(addr sys.Addr, server wsgi.Server) error {
	listener, worker := wsgi.Inherited() // a worker process starts here too, with an inherited listener
	if !worker {
		onSignal(server.Stop)
		listener = job.Listen(addr)
	}
	return server.Serve(listener)
}

func onLoop(addr sys.Addr, a Application) error {
	listener := job.Listen(addr)
	return aio.Run(func(t *aio.Task) error {
		server := &asgi.Server{App: a.asgi(asgi.OnLoop(t))}
		onSignal(server.Stop)
		return server.ServeOnLoop(t, listener)
	})
}

func onGoroutines(addr sys.Addr, a Application) error {
	listener, err := listen(addr)
	if err != nil {
		return err
	}
	server := &asgi.Server{App: a.asgi(asgi.OnGoroutines)}
	onSignal(server.Stop)
	return server.ServeOnGoroutines(listener)
}

func onNetHTTP(addr sys.Addr, a Application) error {
	listener, err := listen(addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: a.http()}
	finished := make(chan error, 1)
	onSignal(func() { finished <- server.Shutdown(context.Background()) })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-finished // Serve returns when the shutdown begins
}

// listen is job.Listen for servers that leave waiting to Go's runtime.
func listen(addr sys.Addr) (*net.TCPListener, error) {
	runtime.UnlockOSThread() // kit/sys, imported for the flags, keeps main on one thread: not needed here
	listener, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(addr))
	if err == nil {
		fmt.Printf("listening on %v\n", listener.Addr())
	}
	return listener, err
}

// onSignal stops at Ctrl-C and SIGTERM; a second signal ends the program at once.
func onSignal(stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		stop()
	}()
}
