package main

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"era/runnable/kit/asgi"
	"era/runnable/kit/sys"
)

// app is the application. Besides receive and send it waits with the engine; it does not know which one.
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
		return refuse(send, http.StatusNotImplemented) // the other pages take no body
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
	case "/room":
		return page(send)
	case "/stream":
		return a.stream(scope.QueryString, send)
	}
	return failed(send, http.StatusNotFound)
}

// ask connects to the backend, sends it one line and waits for the line that comes back.
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
	headers := append([]asgi.Header{{Name: "content-type", Value: "text/plain"},
		{Name: "content-length", Value: strconv.Itoa(len(body))}}, more...)
	if err := send(asgi.Event{Type: asgi.ResponseStart, Status: status, Headers: headers}); err != nil {
		return err
	}
	return send(asgi.Event{Type: asgi.ResponseBody, Body: body})
}

func failed(send asgi.Send, status int, more ...asgi.Header) error {
	return reply(send, status, []byte(http.StatusText(status)+"\n"), more...)
}

func refuse(send asgi.Send, status int) error {
	return failed(send, status, asgi.Header{Name: "connection", Value: "close"})
}

// burn keeps the processor busy for "ms=200", up to 2000: a long time for every other task of the same loop.
func burn(query string, send asgi.Send) error {
	ms := number(query, "ms", 0, 2000)
	if ms == 0 {
		return refuse(send, http.StatusBadRequest)
	}
	for began := time.Now(); time.Since(began) < time.Duration(ms)*time.Millisecond; {
	}
	return reply(send, http.StatusOK, fmt.Appendf(nil, "burned %d ms\n", ms))
}

//go:embed room.html
var roomPage []byte

// page sends the page by which people enter the room. It names no length: this part is the whole body, so the server
// knows it.
func page(send asgi.Send) error {
	headers := []asgi.Header{{Name: "content-type", Value: "text/html; charset=utf-8"}}
	if err := send(asgi.Event{Type: asgi.ResponseStart, Status: http.StatusOK, Headers: headers}); err != nil {
		return err
	}
	return send(asgi.Event{Type: asgi.ResponseBody, Body: roomPage})
}

// stream sends n lines with a pause before each but the first: /stream?n=10&ms=100. The length is not known beforehand,
// and the client receives every line when it is made.
func (a *app) stream(query string, send asgi.Send) error {
	lines, pause := number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)
	headers := []asgi.Header{{Name: "content-type", Value: "text/plain"}}
	if err := send(asgi.Event{Type: asgi.ResponseStart, Status: http.StatusOK, Headers: headers}); err != nil {
		return err
	}
	for i := range lines {
		if i > 0 {
			if err := a.engine.Sleep(time.Duration(pause) * time.Millisecond); err != nil {
				return err
			}
		}
		line := fmt.Appendf(nil, "line %d of %d\n", i+1, lines)
		if err := send(asgi.Event{Type: asgi.ResponseBody, Body: line, More: i+1 < lines}); err != nil {
			return err // the client has left, so the rest is not made
		}
	}
	return nil
}

// number returns a value of the query, a number from 1 to most; otherwise, if it is missing or anything else.
func number(query, name string, otherwise, most int) int {
	values, err := url.ParseQuery(query)
	if err != nil {
		return otherwise
	}
	if n, err := strconv.Atoi(values.Get(name)); err == nil && n >= 1 && n <= most {
		return n
	}
	return otherwise
}

// upload counts and hashes the request's body as it arrives, and holds only one part of it at a time.
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
