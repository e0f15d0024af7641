package asgi

import (
	"errors"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"era/runnable/kit/http1"
)

// exchange is one request and its response.
type exchange struct {
	c    *conn
	head http1.Head
	told bool // of the whole body: what receive says next is http.disconnect

	mu        sync.Mutex // of what follows; held while writing, so that messages of two senders do not mix
	phase     phase
	bodyEnded bool // the request's body has been received
	continued bool // the client was told to go on with it
	bad       bool // it made no sense
	gone      bool // the application was told that the client has left
	close     bool // the connection ends with this exchange
	broken    bool // it must end at once: the response is not whole

	status  int
	headers []Header
	bare    bool  // the response has no body, whatever is sent
	chunked bool  // its length is not known
	left    int64 // bytes that were promised
}

// phase is how far the response is.
type phase int

const (
	fresh    phase = iota
	started        // the application has sent its start, of which the client knows nothing yet
	sending        // the head has been written
	complete       // all has been written: whatever is sent now is ignored
)

// exchange runs the application for a request.
func (c *conn) exchange(head http1.Head) (more bool) {
	x := &exchange{c: c, head: head, bodyEnded: c.in.Ended(), close: head.Close}
	c.stream.Rewatch()
	err := c.server.App(c.scope("http", "http", &x.head), x.receive, x.send)
	return x.finish(err)
}

// receive gives the body as it comes, then waits for the end.
func (x *exchange) receive() (Event, error) {
	x.mu.Lock()
	over := x.phase == complete
	x.mu.Unlock()
	switch {
	case over:
	case x.told:
		x.c.stream.Watch()
	default:
		if e, ok := x.body(); ok {
			return e, nil
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.told, x.gone = true, true
	return Event{Type: HTTPDisconnect}, nil
}

// body is the next part of the request's body; ok is false if the client left in the middle of it.
func (x *exchange) body() (e Event, ok bool) {
	x.mu.Lock()
	wait := !x.bodyEnded && x.head.Continue && !x.continued && x.phase < sending
	if wait {
		x.continued = true
		x.c.stream.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n")) // if that fails, so does the read below
	}
	x.mu.Unlock()
	var part []byte
	for n := 0; n == 0 && !x.c.in.Ended(); {
		if part == nil {
			part = make([]byte, 0, x.atMost())
		}
		var err error
		n, err = x.c.in.Body(part[:cap(part)])
		if part = part[:n]; err == nil {
			continue
		}
		if !errors.Is(err, http1.ErrMore) {
			x.mu.Lock()
			x.bad = true
			x.mu.Unlock()
			return e, false
		}
		arrived, err := x.c.stream.Take()
		if err != nil {
			return e, false
		}
		x.c.in.Add(arrived)
	}
	x.told = x.c.in.Ended()
	if x.told {
		x.mu.Lock()
		x.bodyEnded = true
		x.mu.Unlock()
	}
	return Event{Type: HTTPRequest, Body: part, More: !x.told}, true
}

// atMost is how large a part of the body may be.
func (x *exchange) atMost() int64 {
	if x.head.Length == http1.InChunks {
		return readAtMost
	}
	return min(x.head.Length, readAtMost)
}

// send takes the application's next event.
func (x *exchange) send(e Event) error {
	x.mu.Lock()
	err := x.put(e)
	x.mu.Unlock()
	if err != nil || e.Type != ResponseBody {
		return err
	}
	if err := x.c.stream.Drain(); err != nil {
		return disconnected(err)
	}
	return nil
}

func disconnected(err error) error { return errors.Join(ErrDisconnected, err) }

func (x *exchange) put(e Event) error {
	switch {
	case x.phase == complete:
		return nil
	case x.gone:
		return ErrDisconnected
	case e.Type == ResponseStart && x.phase == fresh:
		if err := check(e); err != nil {
			return err
		}
		x.status, x.headers, x.phase = e.Status, e.Headers, started
		return nil
	case e.Type == ResponseBody && (x.phase == started || x.phase == sending):
		return x.write(e.Body, e.More)
	}
	return Misplaced(e)
}

// write sends a part of the response's body, and before the first part its head. Nothing was sent before, so an
// application that fails between start and body still gets an honest 500.
func (x *exchange) write(body []byte, more bool) error {
	out := x.c.out[:0]
	if x.phase == started {
		var err error
		if out, err = x.appendHead(out, body, more); err != nil {
			return err
		}
	}
	if !x.chunked && int64(len(body)) > x.left && !x.bare {
		x.broken = true
		return errors.New("asgi: the body is longer than the content-length that was sent")
	}
	x.phase = sending
	switch {
	case x.bare:
	case x.chunked && len(body) > 0:
		out = strconv.AppendInt(out, int64(len(body)), 16)
		out = append(out, "\r\n"...)
		out = append(append(out, body...), "\r\n"...)
	default:
		out = append(out, body...)
		x.left -= int64(len(body))
	}
	if !more {
		if x.chunked && !x.bare {
			out = append(out, "0\r\n\r\n"...)
		}
		x.broken = x.left > 0 && !x.bare && !x.chunked
		x.phase = complete
	}
	if x.c.out = out[:0]; cap(out) > readFirst {
		x.c.out = nil // a connection that waits shall not hold a large reply
	}
	var err error
	if len(out) > 0 {
		_, err = x.c.stream.Write(out)
	}
	if !more {
		x.c.stream.Unwatch()
	}
	if err != nil {
		x.broken = true
		return disconnected(err)
	}
	return nil
}

// check refuses a start that would not make a head.
func check(e Event) error {
	if e.Status < 200 || e.Status > 599 {
		return errors.New("asgi: the status " + strconv.Itoa(e.Status) + " is none of a response")
	}
	for _, h := range e.Headers {
		if h.Name == "" || strings.ContainsFunc(h.Name, func(c rune) bool { return c <= ' ' || c == ':' || c >= 0x7f }) ||
			strings.ContainsAny(h.Value, "\r\n\x00") {
			return errors.New("asgi: malformed header " + strconv.Quote(h.Name))
		}
	}
	return nil
}

// appendHead puts the response's head together. How a body ends and whether the connection does is for the server to
// say: transfer-encoding is ignored, connection as well, but for a wish to close.
func (x *exchange) appendHead(out, body []byte, more bool) ([]byte, error) {
	x.bare = x.head.Method == http.MethodHead || x.status == http.StatusNoContent || x.status == http.StatusNotModified
	out = append(out, "HTTP/1.1 "...)
	out = strconv.AppendInt(out, int64(x.status), 10)
	out = append(out, ' ')
	out = append(append(out, http.StatusText(x.status)...), "\r\n"...)
	counted := false
	for _, h := range x.headers {
		switch h.Name {
		case "transfer-encoding", "keep-alive", "upgrade":
			continue
		case "connection":
			x.close = x.close || strings.EqualFold(h.Value, "close")
			continue
		case "content-length":
			n, err := strconv.ParseUint(h.Value, 10, 63)
			if err != nil || counted {
				return nil, errors.New("asgi: content-length " + strconv.Quote(h.Value))
			}
			counted, x.left = true, int64(n)
		}
		out = append(appendName(out, h.Name), ": "...)
		out = append(append(out, h.Value...), "\r\n"...)
	}
	switch {
	case counted || x.status == http.StatusNoContent || x.status == http.StatusNotModified:
	case !more:
		x.left = int64(len(body))
		out = strconv.AppendInt(append(out, "Content-Length: "...), x.left, 10)
		out = append(out, "\r\n"...)
	case x.head.Version == "HTTP/1.0":
		x.close, x.left = true, 1<<63-1 // the body ends with the connection
	default:
		x.chunked = true
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	}
	// A body that was not asked for to its end would be taken for the next request.
	if x.close = x.close || !x.bodyEnded || x.c.server.stopping(); x.close {
		out = append(out, "Connection: close\r\n"...)
	}
	return append(out, "\r\n"...), nil
}

// appendName writes content-type as Content-Type: names mean the same in any case, and people are used to this one.
func appendName(out []byte, name string) []byte {
	capital := true
	for i := range len(name) {
		c := name[i]
		if capital && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		out = append(out, c)
		capital = c == '-'
	}
	return out
}

// finish ends the exchange when the application has returned, and reports whether the connection is still of use.
func (x *exchange) finish(err error) (more bool) {
	x.c.stream.Unwatch()
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && x.phase != complete && !x.gone {
		err = errors.New("asgi: the application returned before its response was complete")
	}
	if err != nil && !x.gone && !x.bad && !errors.Is(err, ErrDisconnected) {
		log.Printf("%s %s: %v", x.head.Method, x.head.Path, err)
	}
	switch {
	case x.phase == complete && !x.broken:
		return !x.close
	case x.phase < sending && x.bad:
		x.c.refuse(http.StatusBadRequest)
	case x.phase < sending && x.gone:
	case x.phase < sending:
		x.c.refuse(http.StatusInternalServerError)
	default: // the client must see that this was not all
		x.c.stream.Abort()
	}
	return false
}
