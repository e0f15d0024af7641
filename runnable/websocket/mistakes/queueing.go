package main

import (
	"bufio"
	"fmt"
	"math"
	"net/http"
	"net/url"

	"era/runnable/kit/asgi"
	"era/runnable/kit/sys"
)

// queueing is a middleware that adds a header. It runs the application in a task of its own, and takes its events from
// a queue. Starlette's BaseHTTPMiddleware was built so in 2020 (its issue 1012): version 0.13.7 gave the queue a limit,
// 0.13.8 removed it again.
func queueing(e asgi.Engine, app asgi.App) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		queue := asgi.NewOutbox(e, math.MaxInt) // the mistake: it is never full, so the application never waits
		e.Go(func() error {
			defer queue.Close()
			return app(scope, receive, func(event asgi.Event) error {
				queue.Offer(event)
				return nil
			})
		})
		for {
			event, ok := queue.Take()
			if !ok {
				return nil
			}
			if err := send(stamped(event)); err != nil { // the client holds the middleware, not the application
				return err
			}
		}
	}
}

// awaitingSend adds the same header. Its send is a function that calls the server's, so a client that does not read
// holds the application itself.
func awaitingSend(app asgi.App) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return app(scope, receive, func(event asgi.Event) error { return send(stamped(event)) })
	}
}

func stamped(event asgi.Event) asgi.Event {
	if event.Type == asgi.ResponseStart {
		event.Headers = append(event.Headers, asgi.Header{Name: "x-seen", Value: "by a middleware"})
	}
	return event
}

// rows sends n rows of a table, and fetches each when the one before is sent: /rows?n=100&size=65536.
func rows(e asgi.Engine, backend sys.Addr) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if scope.Type != "http" {
			return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type)
		}
		conn, err := e.Dial(backend)
		if err != nil {
			return err
		}
		defer conn.Close()
		table := bufio.NewReader(conn)
		if err := send(asgi.Event{Type: asgi.ResponseStart, Status: http.StatusOK}); err != nil {
			return err
		}
		query, _ := url.ParseQuery(scope.QueryString) // the well-formed part of it
		for range number(scope.QueryString, "n") {
			if _, err := fmt.Fprintf(conn, "size=%s\n", query.Get("size")); err != nil {
				return err
			}
			row, err := table.ReadBytes('\n')
			if err != nil {
				return err
			}
			if err := send(asgi.Event{Type: asgi.ResponseBody, Body: row, More: true}); err != nil {
				return err
			}
		}
		return send(asgi.Event{Type: asgi.ResponseBody})
	}
}
