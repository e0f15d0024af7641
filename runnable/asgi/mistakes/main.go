// An ASGI application on a loop whose handler asks the backend in a call that blocks, and the same with that call on a
// thread; -ask selects.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"

	"era/runnable/kit/aio"
	"era/runnable/kit/asgi"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	how := flag.String("ask", "blocking", "`how` the handler asks the backend: blocking, or thread")
	addr, backend := job.Flags()
	asks := map[string]asker{"blocking": blocking, "thread": onThread}
	if asks[*how] == nil {
		log.Fatalf("-ask %q: want blocking or thread", *how)
	}
	listener := job.Listen(addr)
	if err := aio.Run(func(t *aio.Task) error {
		server := &asgi.Server{App: application(asgi.OnLoop(t), backend, asks[*how])}
		return server.ServeOnLoop(t, listener)
	}); err != nil {
		log.Fatal(err)
	}
}

// asker returns the backend's line for a question.
type asker func(e asgi.Engine, backend sys.Addr, question string) ([]byte, error)

// blocking asks in a call that does not know the loop. The handler looks like all others, but in this line the one
// thread that runs them all sleeps.
func blocking(_ asgi.Engine, backend sys.Addr, question string) ([]byte, error) {
	return job.Ask(backend, question) // the mistake
}

// onThread makes the same call on a thread, and waits for the thread: meanwhile the others have their turn.
func onThread(e asgi.Engine, backend sys.Addr, question string) (line []byte, err error) {
	err = e.InThread(func(asgi.Back) (err error) {
		line, err = job.Ask(backend, question)
		return err
	})
	return line, err
}

// application answers / at once, and /ask with the backend's line.
func application(e asgi.Engine, backend sys.Addr, ask asker) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if scope.Type != "http" {
			return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type)
		}
		switch scope.Path {
		case "/":
			return reply(send, http.StatusOK, []byte("hello\n"))
		case "/ask":
			line, err := ask(e, backend, scope.QueryString+"\n")
			if err != nil {
				return reply(send, http.StatusBadGateway, []byte("Bad Gateway\n"))
			}
			return reply(send, http.StatusOK, line)
		}
		return reply(send, http.StatusNotFound, []byte("Not Found\n"))
	}
}

func reply(send asgi.Send, status int, body []byte) error {
	headers := []asgi.Header{{Name: "content-type", Value: "text/plain"},
		{Name: "content-length", Value: strconv.Itoa(len(body))}}
	if err := send(asgi.Event{Type: asgi.ResponseStart, Status: status, Headers: headers}); err != nil {
		return err
	}
	return send(asgi.Event{Type: asgi.ResponseBody, Body: body})
}
