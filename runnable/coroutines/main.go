// The coroutine server: a function stops in the middle, yields what it waits for, and continues there later. So the
// handler is three steps again, as in the blocking server, and a small scheduler (scheduler.go) does the waiting for
// all. Python's generators can do this since PEP 342 (2005); here it is done with kit/coro.
package main

import (
	"bytes"
	"io"
	"log"

	"era/runnable/kit/coro"
	"era/runnable/kit/http1"
	"era/runnable/kit/job"
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
	if err != nil {
		log.Fatal(err)
	}
	s := scheduler{selector: selector}
	s.start(func(yield coro.Yield) { serve(yield, &s, listener, backend) })
	log.Fatal(s.run())
}

// serve accepts clients and starts a coroutine for each.
func serve(yield coro.Yield, s *scheduler, listener int, backend sys.Addr) {
	for {
		conn, err := accept(yield, listener)
		if err == nil {
			s.start(func(yield coro.Yield) { handle(yield, conn, backend) })
			continue
		}
		if !sys.NoRoom(err) { // EMFILE: no descriptor is free
			log.Printf("accept: %v", err)
		}
		yield(anything{}) // the listener may stay readable, and we would not sleep: wait for another event first
	}
}

// handle serves one connection until the client leaves: read the request, ask the backend, write the reply.
func handle(yield coro.Yield, conn int, backend sys.Addr) {
	defer sys.Close(conn)
	var inbox http1.Inbox
	for {
		request, err := readRequest(yield, conn, &inbox)
		if err != nil {
			return
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := ask(yield, backend, request.Question); err == nil {
				reply = request.Answer(line)
			} else {
				reply = request.Unanswered()
			}
		}
		if err := writeAll(yield, conn, reply); err != nil {
			return
		}
		if request.Close {
			sys.Shutdown(conn, sys.SHUT_WR) // the client reads our end of file, and we read on until its own
		}
	}
}

// readRequest waits until a whole request has arrived.
func readRequest(yield coro.Yield, conn int, inbox *http1.Inbox) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		arrived, err := read(yield, conn, 4096) // a slow client holds this coroutine only
		if err != nil {
			return http1.Request{}, err // io.EOF when the client sends no more
		}
		inbox.Add(arrived)
	}
}

// ask connects to the backend, sends it one line and waits for the line that comes back.
func ask(yield coro.Yield, backend sys.Addr, question string) ([]byte, error) {
	conn, err := connect(yield, backend)
	if err != nil {
		return nil, err
	}
	defer sys.Close(conn)
	if err := writeAll(yield, conn, []byte(question)); err != nil {
		return nil, err
	}
	var line []byte
	for !bytes.HasSuffix(line, []byte("\n")) {
		arrived, err := read(yield, conn, 64<<10) // a slow backend holds this coroutine only
		if err != nil {
			return nil, err
		}
		line = append(line, arrived...)
	}
	return line, nil
}

// The calls of the blocking server, for non-blocking descriptors: each yields where it would have to wait, and is
// resumed when the descriptor is ready.

func accept(yield coro.Yield, listener int) (conn int, err error) {
	for err = sys.EAGAIN; err == sys.EAGAIN; { // the client may have left between the wait and accept
		if _, err = yield(wait{listener, readiness.Readable}); err == nil {
			conn, err = sys.Accept(listener)
		}
	}
	if err != nil {
		return -1, err
	}
	if err = sys.SetNonblock(conn, true); err != nil { // accept always returns a blocking one
		sys.Close(conn)
	}
	return conn, err
}

func read(yield coro.Yield, fd, size int) ([]byte, error) {
	for {
		if _, err := yield(wait{fd, readiness.Readable}); err != nil {
			return nil, err
		}
		arrived := make([]byte, size) // allocated now: a silent connection holds no buffer
		n, err := sys.Read(fd, arrived)
		if n == 0 {
			err = io.EOF
		}
		if err != sys.EAGAIN {
			return arrived[:max(n, 0)], err
		}
	}
}

func writeAll(yield coro.Yield, fd int, p []byte) error {
	for len(p) > 0 {
		n, err := sys.Write(fd, p) // there is nearly always room: try first, and wait only on EAGAIN
		switch err {
		case nil:
			p = p[n:]
		case sys.EAGAIN:
			if _, err := yield(wait{fd, readiness.Writable}); err != nil {
				return err
			}
		default:
			return err
		}
	}
	return nil
}

func connect(yield coro.Yield, addr sys.Addr) (fd int, err error) {
	if fd, err = sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0); err != nil {
		return -1, err
	}
	if err = sys.SetNonblock(fd, true); err == nil {
		err = sys.Connect(fd, addr)
	}
	if err == sys.EINPROGRESS {
		if _, err = yield(wait{fd, readiness.Writable}); err == nil {
			err = sys.SocketError(fd) // writable may mean connected, or refused: the pending error tells which
		}
	}
	if err != nil {
		sys.Close(fd)
		return -1, err
	}
	return fd, nil
}
