// The HTTP server of Tornado's toolbox: the book's one job for the user of a library. What is left to write is the
// answer; kit/httpserver looks after the connections, their order, their patience, and an end that drops nobody.
package main

import (
	"bytes"
	"log"
	"os"
	"os/signal"
	"syscall"

	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/httpserver"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	server := &httpserver.Server{
		Handler: func(t *aio.Task, request http1.Request) []byte { return answer(t, request, backend) },
	}
	err := aio.Run(func(t *aio.Task) error {
		stopOnSignal(t, server)
		return server.Serve(t, listener)
	})
	if err != nil {
		log.Fatal(err)
	}
}

// answer is the reply to one request. Where it waits for the backend, other connections have their turn.
func answer(t *aio.Task, request http1.Request, backend sys.Addr) []byte {
	if !request.Asks {
		return request.Reply()
	}
	line, err := ask(t, backend, request.Question)
	if err != nil {
		return request.Unanswered()
	}
	return request.Answer(line)
}

// ask connects to the backend, sends it one line and waits for the line that it answers.
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

// stopOnSignal lets the server finish what is in flight when it is told to end: Ctrl-C, or SIGTERM. A second signal ends
// it at once. A signal may come at any moment and to any thread, so the loop is told in the one way that others may.
func stopOnSignal(t *aio.Task, server *httpserver.Server) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		t.Loop().CallSoonThreadsafe(server.Stop)
	}()
}
