// The WSGI server: the one job, cut in two along the line that PEP 3333 draws (2003 as PEP 333). kit/wsgi is the
// server's half, which knows sockets and HTTP and not the meaning of a request. The application's half knows nothing
// but that: see app.go.
//
// There are two servers to choose from, which differ for the application only in its environ: a pool of threads, or
// processes that serve one request at a time. nginx may stand before either, as it usually does: see nginx.go.
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
		log.Fatalf("-n %d: want 1 or more", *n)
	}
	var server wsgi.Server
	switch *model {
	case "threads":
		server = &wsgi.Threads{App: application(backend), N: *n}
	case "workers":
		server = &wsgi.Workers{App: application(backend), N: *n}
	default:
		log.Fatalf("-model %q: want threads or workers", *model)
	}
	listener, inherited := wsgi.Inherited() // a worker begins here too, and its supervisor has the listener
	if !inherited {
		// A channel each: a signal that finds its channel full is lost. A storm of one must not lose the other.
		end, restart := make(chan os.Signal, 1), make(chan os.Signal, 1)
		signal.Notify(end, os.Interrupt, syscall.SIGTERM) // before the server announces itself
		signal.Notify(restart, syscall.SIGHUP)
		switch *front {
		case "":
			listener = job.Listen(addr)
		case "nginx":
			server, listener = behindNginx(server, addr)
		default:
			log.Fatalf("-front %q: want nginx", *front)
		}
		go handleSignals(server, end, restart)
	}
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

// restarter is a server that can put new workers in the place of the old.
type restarter interface{ Restart() }

// handleSignals handles signals: on SIGINT (Ctrl-C) or SIGTERM the server finishes the requests in flight and ends, and
// a second one ends it at once; on SIGHUP new workers take the place of the old.
func handleSignals(server wsgi.Server, end, restart <-chan os.Signal) {
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
