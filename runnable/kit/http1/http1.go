// Package http1 is HTTP/1.1 without input and output, which is the same in every server of the book and not its
// subject. A server passes it the bytes that arrived and takes the next request; a request has the question for the
// backend and formats its reply.
//
// kit/python/http1.py and kit/c/http1.h are the same for Python and C.
package http1

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Inbox holds the bytes that a connection has received and not yet used.
type Inbox struct {
	bytes  []byte
	closed bool // the last request was returned: what follows is discarded
}

// Add appends bytes that arrived.
func (in *Inbox) Add(arrived []byte) {
	if !in.closed {
		in.bytes = append(in.bytes, arrived...)
	}
}

// Next removes the oldest request from the inbox; ok is false while its head is not complete. A malformed or too long
// head is returned as a request whose reply says so and closes the connection.
func (in *Inbox) Next() (r Request, ok bool) {
	if in.closed {
		return Request{}, false
	}
	in.bytes = in.bytes[emptyLines(in.bytes):]
	end, status := endOfHead(in.bytes)
	switch status {
	case 0:
		return Request{}, false
	case http.StatusOK:
		r = requestOf(parseHead(in.bytes[:end], false))
		in.bytes = append(in.bytes[:0], in.bytes[end:]...) // to the front, so that the memory is reused
	default:
		r = Request{status: status, Close: true}
	}
	in.closed = r.Close
	return r, true
}

// requestOf takes from a head what the book's servers need. Their requests have no body. A request that announces one
// is refused, in chunks or not, because its bytes would be read as the next request: 501, as this server lacks what the
// request needs (RFC 9110, section 15.6.2). 411 would ask for a Content-Length, which would not help.
func requestOf(h Head, status int) Request {
	r := Request{status: status, Close: h.Close, headOnly: h.Method == http.MethodHead}
	switch {
	case status != http.StatusOK:
	case h.Length != 0:
		r.status = http.StatusNotImplemented
	case h.Path == "/ask":
		r.Asks, r.Question = true, h.Query+"\n"
	case h.Path == "/burn":
		if r.burns = parseBurn(h.Query); r.burns == 0 {
			r.status = http.StatusBadRequest
		}
	case h.Path != "/":
		r.status = http.StatusNotFound
	}
	r.Close = r.Close || r.status != http.StatusOK && r.status != http.StatusNotFound
	return r
}

// MaxBurn is how long a request may keep the processor busy.
const MaxBurn = 2 * time.Second

// parseBurn reads "ms=200", 1 to 2000; anything else is 0.
func parseBurn(query string) time.Duration {
	text, ok := strings.CutPrefix(query, "ms=")
	if !ok || len(text) > 4 || !holds(&digits, text) {
		return 0
	}
	n, err := strconv.Atoi(text)
	if d := time.Duration(n) * time.Millisecond; err == nil && d <= MaxBurn {
		return d
	}
	return 0
}

// Request is the part of a request that a server needs.
type Request struct {
	Asks     bool   // the backend must be asked before the reply
	Question string // the line for the backend
	Close    bool   // the connection closes after the reply

	status   int
	headOnly bool          // HEAD: the reply has no body
	burns    time.Duration // how long the reply takes to compute
}

// The most common request, and its reply, which is made once.
var (
	plain = Request{status: http.StatusOK}
	hello = plain.reply(http.StatusOK, "hello\n")
)

// Status returns the status of the reply: 200, or the reason for refusing the request.
func (r Request) Status() int { return r.status }

// Reply returns the reply's bytes, for a request that does not ask the backend. The caller must not change them. A
// reply to /burn takes time to compute: it stands for handlers that compute, such as one that renders a report.
func (r Request) Reply() []byte {
	if r == plain {
		return hello
	}
	if r.burns > 0 {
		burn(r.burns)
		return r.reply(r.status, "burned "+strconv.FormatInt(r.burns.Milliseconds(), 10)+" ms\n")
	}
	if r.status == http.StatusOK {
		return r.reply(r.status, "hello\n")
	}
	return r.reply(r.status, http.StatusText(r.status)+"\n")
}

// Answer returns the reply's bytes, for a request that asks, from the backend's line.
func (r Request) Answer(line []byte) []byte { return r.reply(http.StatusOK, string(line)) }

// Unanswered returns the reply's bytes when the backend could not be asked.
func (r Request) Unanswered() []byte {
	return r.reply(http.StatusBadGateway, http.StatusText(http.StatusBadGateway)+"\n")
}

// burn spins for d without a call that waits. A single-threaded server can do nothing else meanwhile.
func burn(d time.Duration) {
	for began := time.Now(); time.Since(began) < d; {
	}
}

func (r Request) reply(status int, body string) []byte {
	b := make([]byte, 0, 128+len(body))
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(status)...)
	b = append(b, "\r\nContent-Type: text/plain\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	if r.Close {
		b = append(b, "\r\nConnection: close"...)
	}
	b = append(b, "\r\n\r\n"...)
	if r.headOnly {
		return b
	}
	return append(b, body...)
}
