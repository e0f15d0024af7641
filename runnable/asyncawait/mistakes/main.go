// The async/await server with one mistake at a time, and beside it the same server without. -mistake says which. All but
// two differ in a single function, that which asks the backend: main serves as asyncawait does.
//
//	blocking.go  a call that blocks, and the same call on a thread
//	forgotten.go a task whose result nobody awaits
//	fanout.go    several questions at once: gather, and a task group
//	timeout.go   a timeout that the code below it swallows, and one that it lets pass
//	drain.go     streams: writing without and with drain
package main

import (
	"bytes"
	"errors"
	"flag"
	"log"
	"maps"
	"slices"
	"strings"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

// asker gets the backend's line for a question.
type asker func(t *aio.Task, backend sys.Addr, question string) ([]byte, error)

var askers = map[string]asker{
	"blocking-call":      blockingCall,
	"blocking-in-thread": blockingInThread,
	"forgotten-await":    forgottenAwait,
	"gather":             gather,
	"task-group":         taskGroup,
	"swallowed-timeout":  swallowedTimeout,
	"kept-timeout":       keptTimeout,
}

func main() {
	mistake := flag.String("mistake", "", "`name` of the server: see this folder's files")
	addr, backend := job.Flags()
	ask, known := askers[*mistake]
	if !known && *mistake != "no-drain" && *mistake != "with-drain" {
		log.Fatalf("-mistake %q: there are no-drain, with-drain, %s", *mistake, strings.Join(slices.Sorted(maps.Keys(askers)), ", "))
	}
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	log.Fatal(aio.Run(func(t *aio.Task) error {
		if !known {
			return serveStreams(t, listener, backend, *mistake == "with-drain")
		}
		return serve(t, listener, backend, ask)
	}))
}

// serve accepts clients and starts a task for each.
func serve(t *aio.Task, listener int, backend sys.Addr, ask asker) error {
	for {
		conn, err := aio.Accept(t, listener)
		if errors.Is(err, aio.Cancelled) {
			return err
		}
		if err != nil {
			log.Printf("accept: %v", err)
			// No descriptor is free, perhaps: the client stays in the queue. Let others leave before we try again.
			if err := aio.Sleep(t, 10*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		t.Go(func(t *aio.Task) error {
			handle(t, conn, backend, ask)
			return nil
		})
	}
}

// handle serves one connection until the client leaves: read the request, ask the backend, write the reply.
func handle(t *aio.Task, conn int, backend sys.Addr, ask asker) {
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
				return
			} else {
				reply = request.Unanswered()
			}
		}
		if err := aio.WriteAll(t, conn, reply); err != nil {
			return
		}
		if request.Close {
			sys.Shutdown(conn, sys.SHUT_WR) // the client reads our end of file, and we read on until its own
		}
	}
}

var errEnd = errors.New("the peer sends no more")

// readRequest waits until a whole request has arrived.
func readRequest(t *aio.Task, conn int, inbox *http1.Inbox) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		arrived := make([]byte, 4096)
		n, err := aio.Read(t, conn, arrived)
		if err != nil {
			return http1.Request{}, err
		}
		if n == 0 {
			return http1.Request{}, errEnd
		}
		inbox.Add(arrived[:n])
	}
}

// askBackend is how it should be: it connects, sends one line, waits for the line that is answered, and gives up its
// turn wherever it waits.
func askBackend(t *aio.Task, backend sys.Addr, question string) ([]byte, error) {
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
		arrived := make([]byte, 64<<10)
		n, err := aio.Read(t, conn, arrived)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, errEnd
		}
		line = append(line, arrived[:n]...)
	}
	return line, nil
}
