// The callback server: a reactor. Nothing here waits, and nothing returns its result: each function receives a callback
// to call with the result, and returns at once. The loop in kit/loop calls back. Three steps that were three lines are
// three functions inside one another, and their closures hold the handler's state.
package main

import (
	"bytes"
	"io"
	"log"
	"time"

	"era/runnable/kit/http1"
	"era/runnable/kit/job"
	"era/runnable/kit/loop"
	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	selector, err := readiness.NewLazy()
	must(err)
	l, err := loop.New(selector)
	must(err)
	s := server{l, backend}
	s.serve(listener)
	log.Fatal(l.Run())
}

type server struct {
	loop    *loop.Loop
	backend sys.Addr
}

// serve accepts a client whenever one is there.
func (s server) serve(listener int) {
	must(s.loop.AddReader(listener, func() {
		conn, err := sys.Accept(listener)
		switch {
		case err == nil:
			s.begin(conn)
		case err == sys.EAGAIN: // it left between the wait and accept
		case sys.NoRoom(err): // EMFILE: the listener stays readable, so the loop would not sleep: ignore it for a while
			must(s.loop.RemoveReader(listener))
			s.loop.CallLater(10*time.Millisecond, func() { s.serve(listener) })
		default:
			log.Printf("accept: %v", err)
		}
	}))
}

func (s server) begin(conn int) {
	if err := sys.SetNonblock(conn, true); err != nil { // accept always returns a blocking one
		sys.Close(conn)
		return
	}
	s.handle(conn, new(http1.Inbox))
}

// handle reads the request, then asks the backend, then writes the reply, then does it all again. It returns at once:
// there is no loop here, since there is no place to come back to. When the client is gone, nothing is called any more.
func (s server) handle(conn int, inbox *http1.Inbox) {
	s.readRequest(conn, inbox, func(request http1.Request, err error) {
		if err != nil {
			sys.Close(conn)
			return
		}
		s.answer(request, func(reply []byte) {
			s.writeAll(conn, reply, func(err error) {
				if err != nil {
					sys.Close(conn) // in two places: a defer would run when handle returns, long before the job is done
					return
				}
				if request.Close {
					sys.Shutdown(conn, sys.SHUT_WR) // the client reads our end of file, and we read on until its own
				}
				s.handle(conn, inbox)
			})
		})
	})
}

// answer calls then with the reply, whether it must ask the backend or not.
func (s server) answer(request http1.Request, then func(reply []byte)) {
	if !request.Asks {
		then(request.Reply())
		return
	}
	s.ask(request.Question, func(line []byte, err error) {
		if err == nil {
			then(request.Answer(line))
		} else {
			then(request.Unanswered())
		}
	})
}

// readRequest calls then when a whole request has arrived.
func (s server) readRequest(conn int, inbox *http1.Inbox, then func(http1.Request, error)) {
	if request, ok := inbox.Next(); ok {
		// Not now, or a hundred pipelined requests would be a hundred nested calls, and no other client had a turn.
		s.loop.CallSoon(func() { then(request, nil) })
		return
	}
	s.read(conn, 4096, func(arrived []byte, err error) {
		if err != nil {
			then(http1.Request{}, err)
			return
		}
		inbox.Add(arrived)
		s.readRequest(conn, inbox, then)
	})
}

// ask connects to the backend, sends it one line and calls then with the line that comes back.
func (s server) ask(question string, then func(line []byte, err error)) {
	conn, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err != nil {
		then(nil, err)
		return
	}
	done := func(line []byte, err error) {
		sys.Close(conn)
		then(line, err)
	}
	if err = sys.SetNonblock(conn, true); err == nil {
		err = sys.Connect(conn, s.backend)
	}
	if err != nil && err != sys.EINPROGRESS {
		done(nil, err)
		return
	}
	err = s.loop.AddWriter(conn, func() {
		s.loop.RemoveWriter(conn)
		if err := sys.SocketError(conn); err != nil { // writable may mean connected, or refused
			done(nil, err)
			return
		}
		s.writeAll(conn, []byte(question), func(err error) {
			if err != nil {
				done(nil, err)
				return
			}
			s.readLine(conn, nil, done)
		})
	})
	if err != nil {
		done(nil, err)
	}
}

func (s server) readLine(conn int, line []byte, then func(line []byte, err error)) {
	if bytes.HasSuffix(line, []byte("\n")) {
		then(line, nil)
		return
	}
	s.read(conn, 64<<10, func(arrived []byte, err error) {
		if err != nil {
			then(nil, err)
			return
		}
		s.readLine(conn, append(line, arrived...), then)
	})
}

// read calls then when bytes have arrived, or with io.EOF when the peer sends no more. If the kernel has no memory to
// watch a descriptor, that concerns one client, so it is an error like any other. (RemoveReader and RemoveWriter fail
// only for a descriptor that is not watched, and then nothing is left to do.)
func (s server) read(conn, size int, then func(arrived []byte, err error)) {
	err := s.loop.AddReader(conn, func() {
		arrived := make([]byte, size) // allocated now: a silent connection holds no buffer
		n, err := sys.Read(conn, arrived)
		if err == sys.EAGAIN {
			return // we are called again
		}
		s.loop.RemoveReader(conn) // the next wait may be for another event
		if n == 0 {
			err = io.EOF
		}
		then(arrived[:max(n, 0)], err)
	})
	if err != nil {
		then(nil, err)
	}
}

// writeAll calls then when the kernel has taken all of p: now, if there is room, which is the usual case.
func (s server) writeAll(conn int, p []byte, then func(error)) {
	n, err := sys.Write(conn, p)
	switch {
	case err == sys.EAGAIN:
		n = 0
	case err != nil || n == len(p):
		then(err)
		return
	}
	err = s.loop.AddWriter(conn, func() {
		s.loop.RemoveWriter(conn)
		s.writeAll(conn, p[n:], then)
	})
	if err != nil {
		then(err)
	}
}

// must exits on error: if the listener is not watched, no client is ever served.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
