package wsgi

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"era/runnable/kit/http1"
)

// reply is the state of the answer to one request.
type reply struct {
	conn    *conn
	head    *http1.Head // of the request
	started bool        // start_response was called
	status  string
	headers []Header

	sent  bool  // the head was sent
	empty bool  // a reply to HEAD, or one that has no body
	left  int64 // how many bytes may still follow by Content-Length; or unknown
	chunk bool  // in chunks
	close bool  // the connection ends after it
}

const unknown = -1

// kept is the largest buffer for a chunk, in bytes, that a thread keeps for the next one.
const kept = 128 << 10

// errLong ends a reply, but not its connection.
var errLong = errors.New("wsgi: more bytes than Content-Length has announced")

// answer makes the application answer one request, and reports whether the connection can be used for another.
func (c *conn) answer(s *server, head *http1.Head) (keep bool) {
	c.asked = head.Continue
	r := &reply{conn: c, head: head, left: unknown}
	defer func() {
		if failure := recover(); failure != nil {
			fmt.Fprintf(s.errors, "%s %s: %v\n%s", head.Method, head.Path, failure, debug.Stack())
			// If nothing was sent, the client gets an error status. Otherwise the reply and the connection end early: a
			// client cannot take the part for the whole, except with HTTP/1.0 and no Content-Length.
			if keep = false; !r.sent {
				refuse(c, head, http.StatusInternalServerError)
			}
		}
	}()
	for chunk := range s.app(s.environ(head, c.peer, input{c}), r.start) {
		err := r.write(chunk)
		if err == errLong || r.sent && r.empty {
			break // further chunks are not taken from the application
		}
		if err != nil {
			return false // the client has gone. Leaving the loop closes the iterator
		}
	}
	if err := r.finish(); err != nil {
		fmt.Fprintf(s.errors, "%s %s: %v\n", head.Method, head.Path, err)
		return false
	}
	return !r.close
}

// start is start_response. The head is kept until there is a body to send with it.
func (r *reply) start(status string, headers []Header, exc ...error) Write {
	excused := len(exc) > 0 && exc[0] != nil
	if r.sent && excused {
		panic(exc[0])
	}
	if r.started && !excused {
		panic("start_response was called a second time, and no error is given")
	}
	if err := checkHead(status, headers); err != nil {
		panic(err)
	}
	r.started, r.status, r.headers = true, status, headers
	return r.write
}

// write sends a chunk, with the head before it if it is the first non-empty one. When it returns, the kernel has all of
// it.
func (r *reply) write(chunk []byte) error {
	if !r.started {
		panic("a chunk of the body before start_response")
	}
	if len(chunk) == 0 {
		return nil
	}
	out := r.conn.out[:0]
	if !r.sent {
		out = r.appendHead(out, unknown)
	}
	var long error
	switch {
	case r.empty:
	case r.chunk:
		out = strconv.AppendInt(out, int64(len(chunk)), 16)
		out = append(append(append(out, "\r\n"...), chunk...), "\r\n"...)
	default:
		if r.left != unknown {
			if int64(len(chunk)) > r.left {
				chunk, long = chunk[:r.left], errLong
			}
			r.left -= int64(len(chunk))
		}
		out = append(out, chunk...)
	}
	if cap(out) <= kept {
		r.conn.out = out
	}
	if len(out) > 0 {
		if err := r.conn.send(out); err != nil {
			return err
		}
	}
	return long
}

// finish sends the rest when the application has no more chunks.
func (r *reply) finish() error {
	if !r.started {
		panic("the application ended without start_response")
	}
	out := r.conn.out[:0]
	if !r.sent {
		out = r.appendHead(out, 0)
	}
	if r.chunk && !r.empty {
		out = append(out, "0\r\n\r\n"...)
	}
	if r.conn.out = out; len(out) > 0 {
		if err := r.conn.send(out); err != nil {
			return err
		}
	}
	if r.left > 0 && !r.empty {
		return fmt.Errorf("the body ended %d bytes before its Content-Length", r.left)
	}
	return nil
}

// refuse sends a reply of the server's own, the last on its connection.
func refuse(c *conn, head *http1.Head, status int) {
	r := &reply{conn: c, head: head, left: unknown, close: true}
	text := http.StatusText(status)
	r.start(strconv.Itoa(status)+" "+text, []Header{
		{"Content-Type", "text/plain"}, {"Content-Length", strconv.Itoa(len(text) + 1)}})
	if err := r.write([]byte(text + "\n")); err != nil {
		return // the client has gone
	}
}

// appendHead writes the head, and decides how the client learns where the body ends. length is that of the body, or
// unknown. A reply to HEAD has the head of one to GET; 304 may name the length that a 200 would have; 204 must not have
// one, and 205 has no content (RFC 9110, sections 8.6, 15.3.6 and 15.4.5).
func (r *reply) appendHead(out []byte, length int64) []byte {
	r.sent, r.conn.asked = true, false // "100 Continue" would be in the middle of this reply
	code := r.status[:3]               // three digits: see checkHead
	noContent, reset, notModified := code == "204", code == "205", code == "304"
	r.empty = noContent || reset || notModified || r.head.Method == http.MethodHead
	out = append(append(append(out, "HTTP/1.1 "...), r.status...), "\r\n"...)
	for _, h := range r.headers {
		if strings.EqualFold(h[0], "Content-Length") {
			if noContent || reset {
				continue
			}
			r.left, _ = strconv.ParseInt(h[1], 10, 64) // checked when it was set
		}
		out = append(append(append(append(out, h[0]...), ": "...), h[1]...), "\r\n"...)
	}
	// An unread body stands between this request and the next. And after a malformed request, or one whose body is
	// refused, the client may mean something else by the bytes that follow than we read.
	r.close = r.close || r.head.Close || !r.conn.stream.Ended() || code == "400" || code == "501"
	switch {
	case r.left != unknown || noContent || notModified:
	case reset, length == 0 && r.head.Method != http.MethodHead:
		out = append(out, "Content-Length: 0\r\n"...)
	case r.head.Version >= "HTTP/1.1":
		r.chunk = true
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	default:
		r.close = true // the body ends with the connection
	}
	if r.close {
		out = append(out, "Connection: close\r\n"...)
	}
	return append(out, "\r\n"...)
}
