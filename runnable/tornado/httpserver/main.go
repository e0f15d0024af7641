// The HTTP server of Tornado's toolbox: the book's one job on a library. Only the question to the backend is left to
// write; kit/httpserver takes care of the connections, their order, their timeouts, and a stop that drops no request.
package main

import (
	"bytes"
	"log"
	"os"
	"os/signal"
	"syscall"

	"era/runnable/kit/aio"
	"era/runnable/kit/httpserver"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	server := &httpserver.Server{Handler: httpserver.Job(func(t *aio.Task, question string) ([]byte, error) {
		return ask(t, backend, question)
	})}
	err := aio.Run(func(t *aio.Task) error {
		stopOnSignal(t, server)
		return server.Serve(t, listener)
	})
	if err != nil {
		log.Fatal(err)
	}
}

// ask connects to the backend, sends it one line and waits for the line that comes back. While it waits, other
// connections have their turn.
func ask(t *aio.Task, backend sys.Addr, question string) (line []byte, err error) {
	conn, err := aio.Dial(t, backend)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(question)); err != nil {
		return nil, err
	}
	arrived := make([]byte, 64<<10)
	for !bytes.HasSuffix(line, []byte("\n")) { // not ReadUntil: a line may be longer than a stream's buffer
		n, err := conn.Read(t, arrived)
		if err != nil {
			return nil, err
		}
		line = append(line, arrived[:n]...)
	}
	return line, nil
}

// stopOnSignal lets the server finish the requests in flight on SIGINT (Ctrl-C) or SIGTERM. A second signal ends it at
// once. A signal may come at any moment and to any thread, so it uses the one call to the loop that other threads may
// make.
func stopOnSignal(t *aio.Task, server *httpserver.Server) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		t.Loop().CallSoonThreadsafe(server.Stop)
	}()
}
