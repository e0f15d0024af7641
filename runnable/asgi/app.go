package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"era/runnable/kit/asgi"
	"era/runnable/kit/sys"
)

// app is the application. What it may wait with, besides receive and send, is the engine; whose that is, it does not know.
type app struct {
	engine  asgi.Engine
	backend sys.Addr
	room    *room
}

func newApp(e asgi.Engine, backend sys.Addr) asgi.App {
	return (&app{e, backend, &room{engine: e, members: map[*member]bool{}}}).call
}

// call is the application's one function.
func (a *app) call(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	switch {
	case scope.Type == "http":
		return a.http(scope, receive, send)
	case scope.Type == "websocket" && scope.Path == "/chat":
		return a.room.join(receive, send)
	case scope.Type == "websocket":
		return send(asgi.Event{Type: asgi.WebSocketClose}) // before it is accepted: 403
	}
	return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type) // nothing to start up or shut down, for instance
}

func (a *app) http(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	length := scope.Get("content-length")
	switch {
	case scope.Path == "/upload":
		return upload(receive, send)
	case scope.Get("transfer-encoding") != "" || strings.Trim(length, "0") != "":
		return refuse(send) // the other pages take no body
	}
	if _, err := receive(); err != nil { // http.request: now there is something to run for
		return err
	}
	switch scope.Path {
	case "/":
		return reply(send, http.StatusOK, []byte("hello\n"))
	case "/ask":
		line, err := a.ask(scope.QueryString + "\n")
		if err != nil {
			return failed(send, http.StatusBadGateway)
		}
		return reply(send, http.StatusOK, line)
	case "/burn":
		return burn(scope.QueryString, send)
	case "/stream":
		return a.stream(scope.QueryString, send)
	}
	return failed(send, http.StatusNotFound)
}

// ask connects to the backend, sends it one line and waits for the line that it answers.
func (a *app) ask(question string) ([]byte, error) {
	conn, err := a.engine.Dial(a.backend)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(question)); err != nil {
		return nil, err
	}
	return bufio.NewReader(conn).ReadBytes('\n') // a library that knows of no engine: it blocks in our Read
}

// reply sends a response of one part.
func reply(send asgi.Send, status int, body []byte, more ...asgi.Header) error {
	headers := append([]asgi.Header{{Name: "content-type", Value: "text/plain"}, {Name: "content-length", Value: strconv.Itoa(len(body))}}, more...)
	if err := send(asgi.Event{Type: asgi.ResponseStart, Status: status, Headers: headers}); err != nil {
		return err
	}
	return send(asgi.Event{Type: asgi.ResponseBody, Body: body})
}

func failed(send asgi.Send, status int, more ...asgi.Header) error {
	return reply(send, status, []byte(http.StatusText(status)+"\n"), more...)
}

func refuse(send asgi.Send) error {
	return failed(send, http.StatusBadRequest, asgi.Header{Name: "connection", Value: "close"})
}

// burn computes for "ms=200", 1 to 2000: for all that waits on the same loop, a long time.
func burn(query string, send asgi.Send) error {
	ms, ok := strings.CutPrefix(query, "ms=")
	n, err := strconv.ParseUint(ms, 10, 16)
	if !ok || len(ms) > 4 || err != nil || n < 1 || n > 2000 {
		return refuse(send)
	}
	for began := time.Now(); time.Since(began) < time.Duration(n)*time.Millisecond; {
	}
	return reply(send, http.StatusOK, fmt.Appendf(nil, "burned %d ms\n", n))
}

// stream sends "n=5" parts, 1 to 10000, with "pause=100" milliseconds between them, up to 10000. Nobody knows its length
// beforehand, and the client has every part when it is made.
func (a *app) stream(query string, send asgi.Send) error {
	values, err := url.ParseQuery(query)
	n, pause := number(values.Get("n"), 5), number(values.Get("pause"), 100)
	if err != nil || n < 1 || n > 10000 || pause < 0 || pause > 10000 {
		return refuse(send)
	}
	headers := []asgi.Header{{Name: "content-type", Value: "text/plain"}}
	if err := send(asgi.Event{Type: asgi.ResponseStart, Status: http.StatusOK, Headers: headers}); err != nil {
		return err
	}
	for i := 1; i <= n; i++ {
		part := fmt.Appendf(nil, "part %d of %d\n", i, n)
		if err := send(asgi.Event{Type: asgi.ResponseBody, Body: part, More: i < n}); err != nil {
			return err // the client has left: there is nobody to make the rest for
		}
		if i < n {
			if err := a.engine.Sleep(time.Duration(pause) * time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// number reads a number, -1 for what is none.
func number(text string, otherwise int) int {
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// upload counts and hashes the request's body as it comes, and holds no more of it than one part.
func upload(receive asgi.Receive, send asgi.Send) error {
	hash, n := sha256.New(), 0
	for more := true; more; {
		e, err := receive()
		if err != nil || e.Type == asgi.HTTPDisconnect {
			return err
		}
		hash.Write(e.Body)
		n += len(e.Body)
		more = e.More
	}
	return reply(send, http.StatusOK, fmt.Appendf(nil, "%d bytes, sha256 %x\n", n, hash.Sum(nil)))
}
