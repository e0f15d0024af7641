// Package httpserver is an HTTP server as a library provides it: its user only writes the handler. The server manages
// connections, the order of replies, the ends of connections and their timeouts. It has the shape of Tornado's
// tornado.httpserver (2009): a loop, a coroutine for each connection, a handler that may wait.
//
// The handler is a coroutine, so it may ask a backend in the middle; other tasks run meanwhile. Replies are sent in the
// order of the requests (RFC 9112, section 9.3.2): a connection's next request is not started before the last reply is
// written. So a slow answer delays only the requests after it on its own connection.
//
// Tornado's original loop was its own, on select, epoll or kqueue. Since 5.0 (2018) it is a wrapper around asyncio's.
package httpserver

import (
	"cmp"
	"errors"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// Defaults of a Server's timeouts. Tornado has one hour for both (idle_connection_timeout).
const (
	Header = 60 * time.Second
	Idle   = 75 * time.Second
	linger = 5 * time.Second // after the last reply: for the client to read it and leave
)

// Server answers requests on many connections, all in turn on one thread.
type Server struct {
	// Handler answers one request. It may wait with its task; it never runs twice at a time for one connection.
	Handler func(t *aio.Task, request http1.Request) (reply []byte)
	Header  time.Duration // longest wait for the rest of a started head; 0 is 60 s
	Idle    time.Duration // longest silence between two requests; 0 is 75 s

	accepting *aio.Future[aio.None]
	stopping  bool
	waiting   map[*aio.Conn]bool // open connections: true while no reply is pending
	allGone   *aio.Future[aio.None]
}

// Serve accepts connections and answers them until Stop. Then it closes the listener, and returns nil when every
// started request has its whole reply. Other requests are lost: those after it on its connection, and those in the
// kernel's queue.
func (s *Server) Serve(t *aio.Task, listener int) error {
	s.waiting = map[*aio.Conn]bool{}
	s.accepting = t.Go(func(t *aio.Task) error { return aio.Serve(t, listener, s.converse) })
	_, err := aio.Await(t, s.accepting)
	if closed := sys.Close(listener); !s.stopping {
		return errors.Join(err, closed)
	}
	for conn, waits := range s.waiting {
		if waits {
			conn.Close()
		}
	}
	if len(s.waiting) == 0 {
		return nil
	}
	s.allGone = aio.NewFuture[aio.None](t)
	_, err = aio.Await(t, s.allGone)
	return err
}

// Stop makes Serve finish the requests in progress and return. Call it on the loop: a callback, or a task.
func (s *Server) Stop() {
	s.stopping = true
	if s.accepting != nil {
		s.accepting.Cancel()
	}
}

// converse serves one connection until the client leaves: the three steps, with the handler in the middle.
func (s *Server) converse(t *aio.Task, conn *aio.Conn) error {
	defer func() {
		delete(s.waiting, conn)
		if len(s.waiting) == 0 && s.allGone != nil {
			s.allGone.SetResult(aio.None{})
		}
	}()
	conn.SetHighWater(0) // written means that the kernel has it all: our buffer would be lost at exit
	var inbox http1.Inbox
	for !s.stopping {
		s.waiting[conn] = true
		request, err := s.next(t, conn, &inbox)
		if err != nil {
			return nil // it left, or it was silent for too long: routine, not logged
		}
		s.waiting[conn] = false
		if _, err := conn.Write(s.Handler(t, request)); err != nil {
			return nil
		}
		if err := conn.Drain(t); err != nil { // a client that does not read holds this task only
			return nil
		}
		if request.Close {
			break
		}
	}
	s.waiting[conn] = true
	conn.Leave(t, linger)
	return nil
}

// next waits for a request: for up to Idle until it begins, and for up to Header for the rest of its head. A client
// that sends a byte now and then would otherwise hold a connection forever.
func (s *Server) next(t *aio.Task, conn *aio.Conn, inbox *http1.Inbox) (request http1.Request, err error) {
	request, ok := inbox.Next()
	if ok {
		return request, nil
	}
	if err := aio.Timeout(t, cmp.Or(s.Idle, Idle), func() error { return arrive(t, conn, inbox) }); err != nil {
		return request, err
	}
	if request, ok = inbox.Next(); ok {
		return request, nil
	}
	err = aio.Timeout(t, cmp.Or(s.Header, Header), func() error {
		for !ok {
			if err := arrive(t, conn, inbox); err != nil {
				return err
			}
			request, ok = inbox.Next()
		}
		return nil
	})
	return request, err
}

// arrive waits for bytes and puts them into the inbox.
func arrive(t *aio.Task, conn *aio.Conn, inbox *http1.Inbox) error {
	bytes := make([]byte, 4096)
	n, err := conn.Read(t, bytes)
	inbox.Add(bytes[:n])
	return err
}

// Job is the handler of the book's servers, with a given way to ask the backend.
func Job(ask func(t *aio.Task, question string) (line []byte, err error)) func(*aio.Task, http1.Request) []byte {
	return func(t *aio.Task, request http1.Request) []byte {
		if !request.Asks {
			return request.Reply()
		}
		line, err := ask(t, request.Question)
		if err != nil {
			return request.Unanswered()
		}
		return request.Answer(line)
	}
}
