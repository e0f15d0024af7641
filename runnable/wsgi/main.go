// The WSGI server: the one job, cut in two along the line that PEP 3333 draws (2003 as PEP 333). kit/wsgi has the server's
// half, which knows sockets and HTTP and not what is asked for. The application's half knows nothing else: see app.go.
//
// There are two servers to choose from, and the application cannot tell them apart but by asking: a pool of threads, or
// processes that do one request at a time. nginx may stand before either, as it did before most: see nginx.go.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"era/runnable/kit/job"
	"era/runnable/kit/wsgi"
)

func main() {
	model := flag.String("model", "threads", "`how` requests are served side by side: threads, or workers (processes)")
	n := flag.Int("n", 4, "how `many` of them")
	front := flag.String("front", "", "`what` stands before it: nginx, if it is installed")
	addr, backend := job.Flags()
	if *n < 1 {
		log.Fatalf("-n %d: it takes one at least", *n)
	}
	var server wsgi.Server
	switch *model {
	case "threads":
		server = &wsgi.Threads{App: application(backend), N: *n}
	case "workers":
		server = &wsgi.Workers{App: application(backend), N: *n}
	default:
		log.Fatalf("-model %q: there are threads and workers", *model)
	}
	listener, inherited := wsgi.Inherited() // a worker begins here too, and its supervisor has the listener
	if !inherited {
		// A channel each: a signal for which there is no room is lost, and a storm of the one must not cost us the other.
		end, restart := make(chan os.Signal, 1), make(chan os.Signal, 1)
		signal.Notify(end, os.Interrupt, syscall.SIGTERM) // before anybody can know of us
		signal.Notify(restart, syscall.SIGHUP)
		switch *front {
		case "":
			listener = job.Listen(addr)
		case "nginx":
			server, listener = behindNginx(server, addr)
		default:
			log.Fatalf("-front %q: there is nginx", *front)
		}
		go obey(server, end, restart)
	}
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

// restarter is a server that can put new workers in the place of the old.
type restarter interface{ Restart() }

// obey does what signals tell: Ctrl-C and SIGTERM to finish what is in flight and end, and a second one to end at once;
// SIGHUP to put new workers in the place of the old.
func obey(server wsgi.Server, end, restart <-chan os.Signal) {
	for {
		select {
		case <-restart:
			if s, ok := server.(restarter); ok {
				s.Restart()
			}
		case <-end:
			signal.Reset(os.Interrupt, syscall.SIGTERM)
			server.Stop()
			return
		}
	}
}
