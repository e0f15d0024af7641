// Package http1 is the part of the job that is the same in every server and not the point of any: HTTP/1.1 without
// input and output. A server feeds it the bytes that arrived and asks for the next request; a request knows what to
// ask the backend and how to word its reply.
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
	closed bool // the last request has been handed out: what follows is thrown away
}

// Add puts bytes that arrived behind those that wait.
func (in *Inbox) Add(arrived []byte) {
	if !in.closed {
		in.bytes = append(in.bytes, arrived...)
	}
}

// Next cuts the oldest request off the inbox; ok is false while its head is not complete. A head that is malformed or
// too long comes out as a request whose reply says so, and which closes the connection.
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
		in.bytes = append(in.bytes[:0], in.bytes[end:]...) // to the front, so that the memory is used again
	default:
		r = Request{status: status, Close: true}
	}
	in.closed = r.Close
	return r, true
}

// requestOf is what the job needs to know of a head. There is no body in this book's one job. A request that announces one
// is refused, in chunks or not, because its bytes would be taken for the next request: 501, as this server lacks what the
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

// Request is what a server needs to know of a request.
type Request struct {
	Asks     bool   // the backend must be asked before the reply
	Question string // the line for the backend
	Close    bool   // the connection ends after the reply

	status   int
	headOnly bool          // HEAD: the reply has no body
	burns    time.Duration // how long making the reply computes
}

// The plainest request, and its reply, which is made once.
var (
	plain = Request{status: http.StatusOK}
	hello = plain.reply(http.StatusOK, "hello\n")
)

// Status is what the reply will say: 200, or why the request is refused.
func (r Request) Status() int { return r.status }

// Reply is the reply's bytes, for a request that does not ask. They are not to be changed. The one to /burn takes its
// time to make: it stands for all that computes in a handler, a picture or a report say.
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

// Answer is the reply's bytes, for a request that asks, from the backend's line.
func (r Request) Answer(line []byte) []byte { return r.reply(http.StatusOK, string(line)) }

// Unanswered is the reply's bytes when the backend could not be asked.
func (r Request) Unanswered() []byte {
	return r.reply(http.StatusBadGateway, http.StatusText(http.StatusBadGateway)+"\n")
}

// burn computes, in that it looks at the clock, until d has passed. It makes no call that waits: who runs nothing else
// beside it does nothing else meanwhile.
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
