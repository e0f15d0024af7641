// Servers with async and await that make one mistake each, and the same servers without it; -mistake selects. All but
// two differ in a single function, the one that asks the backend.
//
//	blocking.go  a call that blocks, and the same call on a thread
//	forgotten.go a task whose result is never awaited
//	fanout.go    several questions at once: gather, and a task group
//	timeout.go   a timeout that the code below it swallows, and one that it lets pass
//	drain.go     streams: writing without and with drain
package main

import (
	"bytes"
	"flag"
	"log"
	"maps"
	"slices"
	"strings"

	"era/runnable/kit/aio"
	"era/runnable/kit/httpserver"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

// asker returns the backend's line for a question.
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
		known := strings.Join(slices.Sorted(maps.Keys(askers)), ", ")
		log.Fatalf("-mistake %q: want no-drain, with-drain, %s", *mistake, known)
	}
	listener := job.Listen(addr)
	server := httpserver.Server{Handler: httpserver.Job(func(t *aio.Task, question string) ([]byte, error) {
		return ask(t, backend, question)
	})}
	log.Fatal(aio.Run(func(t *aio.Task) error {
		if !known {
			return serveStreams(t, listener, backend, *mistake == "with-drain")
		}
		return server.Serve(t, listener)
	}))
}

// askBackend is the correct way: it connects, sends one line, waits for the line that comes back, and gives up its turn
// wherever it waits.
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
		arrived, err := aio.Read(t, conn, 64<<10)
		if err != nil {
			return nil, err
		}
		line = append(line, arrived...)
	}
	return line, nil
}
