// Package wsgi is the Web Server Gateway Interface of PEP 3333 (2010; PEP 333, 2003) in Go: a contract between a
// server, which knows sockets and HTTP, and an application, which knows what to answer. Either can be exchanged without
// the other. The contract is more about time than about arguments: which function is called when.
//
//  1. The server calls the application once for each request, with the environ and a function start_response.
//  2. The application calls start_response with the status and the headers. Nothing is sent yet.
//  3. The application yields chunks of the body. The server sends each before it asks for the next; the headers go before
//     the first non-empty chunk. Until then the application may replace them.
//  4. In every case the iteration ends, so the application can release its resources at its end.
//
// Two servers share one conn: Threads in one process, and Workers, processes with one request at a time each.
//
// Differences between Go and Python:
//
//	PEP 3333                         here
//	iterable, perhaps with close()   iter.Seq: when its loop is left early, yield returns false and its defers run
//	exc_info, raised again           an error, with which the server panics: in the application, where it was raised
//	an exception                     a panic; the server recovers it
//	write(data) raises               Write returns the error
//	len(iterable) == 1               an iterator has no length: name Content-Length, or the reply goes in chunks
//	str of latin-1 code points       a string holds bytes: PATH_INFO has the bytes sent, unescaped
//	wsgi.input.readline()            an io.Reader: put a bufio.Reader around it
//	wsgi.errors.flush()              an io.Writer without a buffer
//	a body in chunks: not specified  read like any other; its end is an io.EOF (wsgi.input_terminated)
//
// Differences of Python's reference server, wsgiref (CPython 3.11; the tests run both):
//
//	the head                         goes with the first chunk, even an empty one
//	a body without Content-Length    HTTP/1.0: its end is the connection's, so a truncated one looks whole
//	a body beyond its Content-Length is sent all the same
//	wsgi.input                       has no end: read no more than CONTENT_LENGTH
//	a request's body in chunks       is not read
//	wsgi.multithread                 is false, with ThreadingMixIn too
package wsgi

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"era/runnable/kit/http1"
)

// App is an application. It is called for many requests, in Threads by many threads at a time.
type App func(environ Environ, startResponse StartResponse) iter.Seq[[]byte]

// Environ describes a request in the variables of CGI (1993) and those that begin with "wsgi.". Each request has its
// own, and the application may change it.
type Environ map[string]any

// Text returns the value of a CGI variable, or "".
func (e Environ) Text(name string) string {
	text, _ := e[name].(string)
	return text
}

// Header is one line of the reply's head: its name and its value, a pair as in Python.
type Header [2]string

// StartResponse sets the reply's head: the status, such as "404 Not Found", and the headers. A second call must pass
// the error that made it necessary. It replaces the first head, if that was not sent yet; else it panics with the
// error. It panics for a malformed head, too.
type StartResponse func(status string, headers []Header, exc ...error) Write

// Write sends a part of the body at once. It is for old applications that cannot yield; new ones should not use it. An
// error means that the client has gone, or that the reply is longer than its Content-Length.
type Write func(chunk []byte) error

// Server runs an application on a listening socket.
type Server interface {
	// Serve answers requests until Stop, and returns nil when all started ones are answered.
	Serve(listener int) error
	// Stop makes Serve accept no more clients. Any goroutine may call it, once.
	Stop()
}

// One returns a body of one chunk.
func One(chunk []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) { yield(chunk) }
}

// hopByHop are the headers of a connection (RFC 2616, section 13.5.1, as PEP 3333 has it).
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailers", "Transfer-Encoding",
	"Upgrade",
}

// HopByHop reports whether a header is for the connection, so that only the server may set it.
func HopByHop(name string) bool {
	return slices.ContainsFunc(hopByHop, func(one string) bool { return strings.EqualFold(one, name) })
}

// checkHead returns what is wrong with a status and headers. Values that pass are sent unchanged, so a line end in a
// value would be a line end in the reply.
func checkHead(status string, headers []Header) error {
	if len(status) < 4 || !isDigits(status[:3]) || status[0] < '1' || status[3] != ' ' || hasControl(status) {
		return fmt.Errorf("status %q: want three digits, a space and a reason", status)
	}
	if status[0] == '1' {
		return fmt.Errorf("status %q: an interim reply is the server's affair", status)
	}
	lengths := 0
	for _, h := range headers {
		name, value := h[0], h[1]
		switch {
		case !http1.IsToken(name) || hasControl(value):
			return fmt.Errorf("header %q: %q is malformed", name, value)
		case HopByHop(name):
			return fmt.Errorf("header %q is for the connection, which is the server's", name)
		case strings.EqualFold(name, "Content-Length"):
			if lengths++; lengths > 1 || !isDigits(value) || len(value) > 18 {
				return fmt.Errorf("header %q: want one, and a number of bytes, not %q", name, value)
			}
		}
	}
	return nil
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func hasControl(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' && text[i] != '\t' || text[i] == 0x7f {
			return true
		}
	}
	return false
}
