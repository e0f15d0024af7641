// Package http1 is the part of the job that is the same in every server and not the point of any: HTTP/1.1 without
// input and output. A server feeds it the bytes that arrived and asks for the next request; a request knows what to
// ask the backend and how to word its reply.
//
// http1.py and http1.h beside this file are the same for Python and C.
package http1

import (
	"bufio"
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// MaxHead is how many bytes a request's head may have, the empty line included. A longer one is refused with 431.
const MaxHead = 8 << 10

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
	in.bytes = bytes.TrimLeft(in.bytes, "\r\n") // empty lines before a request do no harm (RFC 9112, 2.2)
	end := bytes.Index(in.bytes, []byte("\r\n\r\n")) + 4
	switch {
	case end >= 4 && end <= MaxHead:
		r = parse(in.bytes[:end])
		in.bytes = in.bytes[end:]
	case end > MaxHead || len(in.bytes) >= MaxHead:
		r = Request{status: http.StatusRequestHeaderFieldsTooLarge, Close: true}
	default:
		return Request{}, false
	}
	in.closed = r.Close
	return r, true
}

// parse reads a complete head. There is no body in this book: a request that announces one is refused, because its
// bytes would be taken for the next request.
func parse(head []byte) Request {
	refused := Request{status: http.StatusBadRequest, Close: true}
	// The library forgives three things that two readers may take for two things: a line that ends without \r, a line
	// that goes on in the next, a space in a name (RFC 9112, 2.2, 5.1, 5.2).
	if bytes.Count(head, []byte("\n")) != bytes.Count(head, []byte("\r\n")) ||
		bytes.Contains(head, []byte("\n ")) || bytes.Contains(head, []byte("\n\t")) {
		return refused
	}
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil || req.ContentLength != 0 {
		return refused
	}
	for name := range req.Header {
		if strings.Contains(name, " ") {
			return refused
		}
	}
	r := Request{status: http.StatusOK, Close: req.Close || !req.ProtoAtLeast(1, 1), headOnly: req.Method == http.MethodHead}
	switch {
	case req.URL.Path == "/ask":
		r.Asks, r.Question = true, req.URL.RawQuery+"\n"
	case req.URL.Path != "/":
		r.status = http.StatusNotFound
	}
	return r
}

// Request is what a server needs to know of a request.
type Request struct {
	Asks     bool   // the backend must be asked before the reply
	Question string // the line for the backend
	Close    bool   // the connection ends after the reply

	status   int
	headOnly bool // HEAD: the reply has no body
}

// Reply is the reply's bytes, for a request that does not ask.
func (r Request) Reply() []byte {
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
