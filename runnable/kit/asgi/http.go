package asgi

import (
	"errors"
	"log"
	"net/http"
	"sync"

	"era/runnable/kit/http1"
)

// exchange is one request and its response.
type exchange struct {
	c    *conn
	head http1.Head
	told bool // the whole body was received: receive next returns http.disconnect

	mu        sync.Mutex // for the fields below; held while writing, so that messages of two senders do not mix
	phase     phase
	bodyEnded bool // the request's body has been received
	continued bool // "100 Continue" was sent
	bad       bool // the body was malformed
	gone      bool // the application knows that the client has left
	close     bool // the connection ends with this exchange
	broken    bool // it must end at once: the response is incomplete

	status  int
	headers []Header
	bare    bool  // the response has no body, even if one is sent
	chunked bool  // its length is unknown
	left    int64 // remaining bytes of the Content-Length; or untilClose
}

// untilClose means that the body ends with the connection: HTTP/1.0 has no chunks.
const untilClose = -1

// phase is how far the response is.
type phase int

const (
	fresh    phase = iota
	started        // the application has sent the start, but nothing was written yet
	sending        // the head has been written
	complete       // all has been written: further events are ignored
)

// exchange runs the application for a request.
func (c *conn) exchange(head http1.Head) (more bool) {
	x := &exchange{c: c, head: head, bodyEnded: c.in.Ended(), close: head.Close}
	c.stream.Rewatch()
	err := c.server.App(c.scope("http", "http", &x.head), x.receive, x.send)
	return x.finish(err)
}

// receive returns the body as it arrives, then waits for the end.
func (x *exchange) receive() (Event, error) {
	x.mu.Lock()
	over := x.phase == complete || x.gone
	x.mu.Unlock()
	switch {
	case over: // if it is called again and again, others have their turn in between
		if err := x.c.server.engine.Sleep(0); err != nil {
			return Event{}, err
		}
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

// body returns the next part of the request's body; ok is false if the client left in the middle of it.
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

// atMost is the largest size of a part of the body.
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

// finish ends the exchange when the application has returned, and reports whether the connection can still be used.
func (x *exchange) finish(err error) (more bool) {
	x.c.stream.Unwatch()
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && x.phase != complete && !x.gone {
		err = errors.New("asgi: the application returned before its response was complete")
	}
	if err != nil && !x.bad && !errors.Is(err, ErrDisconnected) {
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
	default: // the client must see that the body is incomplete
		x.c.stream.Abort()
	}
	x.gone = true // for goroutines that the application left behind: the connection is not theirs any more
	return false
}
