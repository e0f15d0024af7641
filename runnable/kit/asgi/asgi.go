// Package asgi is the contract between asynchronous servers and applications, ASGI 3.0, in Go, with a server that runs an
// application on either of two engines: the tasks of our event loop (package aio) or goroutines.
//
// An application is one function of three arguments: the scope describes the call, receive returns the next event, send
// takes an event. Both wait: for a client that sends slowly, and for one that reads slowly. That is all the
// backpressure, and an application that passes it on needs no other.
//
//	Python                                       here
//	a coroutine; await receive()                 a function; receive() blocks the task or goroutine that calls it, so
//	                                             the same application runs on both engines
//	events are dicts; unknown keys are           events are structs; a field that the event's type does not use is
//	ignored                                      ignored
//	an exception                                 an error that is returned; a panic ends the program
//	asyncio.create_task, asyncio.sleep           Engine.Go, Engine.Sleep: the application is passed an Engine when it
//	                                             is made
//	task cancellation                            none: a client that has left shows in receive and send
//
// Where the specification leaves a choice, this server does the following:
//
//   - To receive, a client that has only shut down its sending direction has left; send can still answer it.
//     An end of file does not tell the two apart.
//   - A connection's next request is started after the application has returned from the last: what it does
//     after its response delays that client, and no other.
//   - A request's body that was not read to its end ends the connection.
//   - An application that does not return delays the end of the server by Grace and Linger at most.
//   - Only one extension is supported, websocket.http.response. There is no HTTP/2 and no TLS.
//   - WebSocket messages of 256 bytes and more are compressed for clients that support it (permessage-deflate, RFC
//     7692), each by itself: a connection keeps no compressor, and a room's members share what was compressed for the first.
//
// Sources: the ASGI specification 3.0, its parts HTTP and WebSocket 2.5 (2024-06-05) and lifespan 2.0 (2019-03-20). The
// part on WebSocket scopes still lists 2.3 as the newest version of itself; we say 2.5, as the table of versions does.
package asgi

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// App is an application. It is called once for each HTTP request, once for each WebSocket, and once for the lifespan of
// the server. It returns an error for a scope of a type that it does not know.
type App func(scope Scope, receive Receive, send Send) error

// Receive waits for the next event and returns it. Its error means that the engine ends; a client that has left is an
// event. Only one goroutine or task at a time may call it.
type Receive func() (Event, error)

// Send passes an event to the server. It returns when the event's bytes are in the buffer of the connection, and waits
// before that if too many are there already. ErrDisconnected means that the client has left; any other error means that
// the event was wrong, or sent at the wrong time.
type Send func(Event) error

// ErrDisconnected is returned by a send on a closed connection. An application may return it: servers do not log it. It
// is a net.ErrClosed, as in Python it is a kind of OSError.
var ErrDisconnected = fmt.Errorf("asgi: the client has left: %w", net.ErrClosed)

// ErrUnknownScope is returned by an application for a scope that it does not know.
var ErrUnknownScope = errors.New("asgi: the application does not support scopes of this type")

// Scope describes a call of the application. It is passed by value, so code that changes a field, such as a middleware,
// changes its own copy; it must copy Headers, State and Extensions before it changes them.
type Scope struct {
	Type         string // "http", "websocket" or "lifespan"
	ASGI         Versions
	HTTPVersion  string // "1.0" or "1.1"
	Method       string
	Scheme       string // "http" or "ws"
	Path         string // percent-escapes decoded
	QueryString  string // as it was sent, without the question mark
	RootPath     string
	Headers      []Header // names in lower case; order and duplicates as they were sent
	Client       Address
	Server       Address
	Subprotocols []string       // offered by a WebSocket's client
	State        map[string]any // a copy of the lifespan's state
	Extensions   map[string]map[string]any
}

// Versions are the versions of ASGI and of its part for the scope's type.
type Versions struct{ Version, SpecVersion string }

// Address is a host and a port; the zero value is unknown.
type Address struct {
	Host string
	Port int
}

// Header is one line of a head.
type Header struct{ Name, Value string }

// Get returns the value of the first header with the name, or "". It ignores case: servers should send names in lower
// case, but need not.
func (s *Scope) Get(name string) string {
	for _, h := range s.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Event is an event of receive or send. Type says which fields are used.
type Event struct {
	Type    string
	Status  int      // of http.response.start, 200 to 599
	Headers []Header // of http.response.start and websocket.accept
	Body    []byte   // of http.request and http.response.body
	More    bool     // more_body: more of the body follows

	Subprotocol string // of websocket.accept: one of those that the client offered, or ""
	// Of websocket.receive and websocket.send: a message is binary if Bytes is not nil, else it is text.
	Bytes   []byte
	Text    string
	Code    int    // of websocket.close, 0 for 1000, and of websocket.disconnect
	Reason  string // of the same, at most 123 bytes
	Message string // of lifespan.startup.failed and lifespan.shutdown.failed
}

// The types of events.
const (
	HTTPRequest    = "http.request"
	HTTPDisconnect = "http.disconnect"
	ResponseStart  = "http.response.start"
	ResponseBody   = "http.response.body"

	WebSocketConnect    = "websocket.connect"
	WebSocketAccept     = "websocket.accept"
	WebSocketReceive    = "websocket.receive"
	WebSocketSend       = "websocket.send"
	WebSocketClose      = "websocket.close"
	WebSocketDisconnect = "websocket.disconnect"
	DenialStart         = "websocket.http.response.start" // instead of websocket.accept: an answer in HTTP
	DenialBody          = "websocket.http.response.body"

	LifespanStartup          = "lifespan.startup"
	LifespanStartupComplete  = "lifespan.startup.complete"
	LifespanStartupFailed    = "lifespan.startup.failed"
	LifespanShutdown         = "lifespan.shutdown"
	LifespanShutdownComplete = "lifespan.shutdown.complete"
	LifespanShutdownFailed   = "lifespan.shutdown.failed"
)

// Misplaced is the error for an event at the wrong time.
func Misplaced(e Event) error { return fmt.Errorf("asgi: event %q is not for now", e.Type) }
