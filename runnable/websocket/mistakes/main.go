// Applications and middlewares with one mistake at a time, and beside each the same without; -mistake selects.
//
//	collecting.go a WSGI middleware that collects a body before it passes it on, and one that does not
//	queueing.go   an ASGI middleware that puts what is sent into a queue without end, and one that awaits send
//	inturn.go     a chat room that sends to its members one after the other. The room of runnable/asgi does not
package main

import (
	"flag"
	"log"

	"era/runnable/kit/aio"
	"era/runnable/kit/asgi"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

func main() {
	mistake := flag.String("mistake", "", "`name` of the server: collecting, passing-on, queueing, awaiting-send or in-turn")
	addr, backend := job.Flags()
	switch *mistake {
	case "collecting":
		serveWSGI(addr, collecting(stream))
	case "passing-on":
		serveWSGI(addr, passingOn(stream))
	case "queueing":
		serveASGI(addr, func(e asgi.Engine) asgi.App { return queueing(e, rows(e, backend)) })
	case "awaiting-send":
		serveASGI(addr, func(e asgi.Engine) asgi.App { return awaitingSend(rows(e, backend)) })
	case "in-turn":
		serveASGI(addr, func(asgi.Engine) asgi.App { return new(room).call })
	default:
		log.Fatalf("-mistake %q: there is no such server", *mistake)
	}
}

func serveWSGI(addr sys.Addr, app wsgi.App) {
	server := &wsgi.Threads{App: app}
	log.Fatal(server.Serve(job.Listen(addr)))
}

func serveASGI(addr sys.Addr, app func(asgi.Engine) asgi.App) {
	listener := job.Listen(addr)
	log.Fatal(aio.Run(func(t *aio.Task) error {
		server := &asgi.Server{App: app(asgi.OnLoop(t))}
		return server.ServeOnLoop(t, listener)
	}))
}
