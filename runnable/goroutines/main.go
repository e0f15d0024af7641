// The goroutine server: Go's own way. The three steps are written as in the blocking server, without a task to pass on
// and without await: every call that may wait parks its goroutine by itself. Below, Go's runtime runs an event loop of
// its own, on an edge-triggered epoll (on macOS, kqueue), and resumes a goroutine when its descriptor is ready; it uses
// all processors.
//
// This server cannot be traced: its calls are made inside Go's standard library and runtime, not through kit/sys.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"runtime"
	"time"

	"era/runnable/kit/http1"
	"era/runnable/kit/job"
)

func main() {
	runtime.UnlockOSThread() // kit/sys, which came with the flags, keeps main on one thread: not needed here
	addr, backend := job.Flags()
	listener, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(addr))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %v\n", listener.Addr())
	for {
		conn, err := listener.AcceptTCP()
		if err != nil {
			log.Print(err)
			time.Sleep(10 * time.Millisecond) // perhaps no descriptor is free: let a client leave before we try again
			continue
		}
		go handle(conn, backend.String())
	}
}

// handle serves one connection until the client leaves: read the request, ask the backend, write the reply.
func handle(conn *net.TCPConn, backend string) {
	defer conn.Close()
	var inbox http1.Inbox
	arrived := make([]byte, 4096)
	for {
		request, err := readRequest(conn, &inbox, arrived)
		if err != nil {
			return
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := ask(backend, request.Question); err == nil {
				reply = request.Answer(line)
			} else {
				reply = request.Unanswered()
			}
		}
		// net's Write writes all; a client that does not read parks this goroutine
		if _, err := conn.Write(reply); err != nil {
			return
		}
		if request.Close {
			conn.CloseWrite() // the client reads our end of file, and we read on until its own
		}
	}
}

// readRequest waits until a whole request has arrived.
func readRequest(conn net.Conn, inbox *http1.Inbox, arrived []byte) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		n, err := conn.Read(arrived) // a slow client parks this goroutine only
		inbox.Add(arrived[:n])
		if err != nil {
			return http1.Request{}, err // io.EOF when the client sends no more
		}
	}
}

// ask connects to the backend, sends it one line and waits for the line that comes back.
func ask(backend, question string) ([]byte, error) {
	conn, err := net.Dial("tcp4", backend)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(question)); err != nil {
		return nil, err
	}
	return bufio.NewReader(conn).ReadBytes('\n') // a slow backend parks this goroutine only
}
