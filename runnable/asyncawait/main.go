// The async/await server: the blocking server's three steps again, line by line, on one thread. Each call that would
// block gives up the turn instead: the task is parked, the loop runs another, and the call returns when it is done.
// What Python marks with async and await, Go shows by the parameter t, the task: without it no function can wait.
package main

import (
	"bytes"
	"errors"
	"log"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	log.Fatal(aio.Run(func(t *aio.Task) error { return serve(t, listener, backend) }))
}

// serve accepts clients and starts a task for each.
func serve(t *aio.Task, listener int, backend sys.Addr) error {
	for {
		conn, err := aio.Accept(t, listener)
		if errors.Is(err, aio.Cancelled) {
			return err
		}
		if err != nil {
			log.Printf("accept: %v", err)
			// Perhaps no descriptor is free: the client stays in the queue. Let others leave before we try again.
			if err := aio.Sleep(t, 10*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		t.Go(func(t *aio.Task) error {
			handle(t, conn, backend)
			return nil
		})
	}
}

// handle serves one connection until the client leaves: read the request, ask the backend, write the reply.
func handle(t *aio.Task, conn int, backend sys.Addr) {
	defer sys.Close(conn)
	var inbox http1.Inbox
	for {
		request, err := readRequest(t, conn, &inbox)
		if err != nil {
			return
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := ask(t, backend, request.Question); err == nil {
				reply = request.Answer(line)
			} else if errors.Is(err, aio.Cancelled) {
				return // in Python the exception passes by itself
			} else {
				reply = request.Unanswered()
			}
		}
		if err := aio.WriteAll(t, conn, reply); err != nil { // a client that does not read holds this task only
			return
		}
		if request.Close {
			sys.Shutdown(conn, sys.SHUT_WR) // the client reads our end of file, and we read on until its own
		}
	}
}

// readRequest waits until a whole request has arrived.
func readRequest(t *aio.Task, conn int, inbox *http1.Inbox) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		arrived, err := aio.Read(t, conn, 4096) // a slow client holds this task only
		if err != nil {
			return http1.Request{}, err // io.EOF when the client sends no more
		}
		inbox.Add(arrived)
	}
}

// ask connects to the backend, sends it one line and waits for the line that comes back.
func ask(t *aio.Task, backend sys.Addr, question string) ([]byte, error) {
	conn, err := aio.Connect(t, backend)
	if err != nil {
		return nil, err
	}
	defer sys.Close(conn)
	if err := aio.WriteAll(t, conn, []byte(question)); err != nil {
		return nil, err
	}
	var line []byte
	for !bytes.HasSuffix(line, []byte("\n")) {
		arrived, err := aio.Read(t, conn, 64<<10) // a slow backend holds this task only
		if err != nil {
			return nil, err
		}
		line = append(line, arrived...)
	}
	return line, nil
}
