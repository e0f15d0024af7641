// The async/await server with a backend that is asked over HTTP, by Tornado's kind of client: so many requests at a
// time and no more, ten if nothing else is said. The others wait in line, and with them their clients.
//
//	go run ./runnable/tornado/httpclient -addr 127.0.0.1:8080 -backend 127.0.0.1:8081 -max-clients 10
//	go run ./runnable/tornado/httpclient http://127.0.0.1:8080/ http://127.0.0.1:8080/ask?delay=50
//
// The second asks for all addresses at the same time, and says how each went.
package main

import (
	"errors"
	"flag"
	"log"
	"os"

	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/httpclient"
	"era/runnable/kit/job"
)

func main() {
	maxClients := flag.Int("max-clients", 10, "`number` of requests to the backend at a time; further ones wait in line")
	if addresses := urls(os.Args[1:]); len(addresses) > 0 {
		os.Exit(fetchAll(addresses))
	}
	addr, backend := job.Flags()
	if *maxClients < 1 {
		log.Fatalf("-max-clients: with %d nothing is ever asked", *maxClients)
	}
	listener := job.Listen(addr)
	s := server{backend: "http://" + backend.String() + "/", client: httpclient.NewAsyncHTTPClient(*maxClients)}
	log.Fatal(aio.Run(func(t *aio.Task) error { return aio.Serve(t, listener, s.handle) }))
}

type server struct {
	backend string // its address
	client  *httpclient.AsyncHTTPClient
}

// handle serves one connection until the client leaves: read the request, ask the backend, write the reply.
func (s *server) handle(t *aio.Task, conn *aio.Conn) error {
	var inbox http1.Inbox
	for {
		request, err := readRequest(t, conn, &inbox)
		if err != nil {
			return nil // the client is gone; so is our work for it
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := s.ask(t, request.Question); err == nil {
				reply = request.Answer(line)
			} else if errors.Is(err, aio.Cancelled) {
				return err // the server ends
			} else {
				reply = request.Unanswered()
			}
		}
		_, err = conn.Write(reply)
		if errors.Join(err, conn.Drain(t)) != nil { // a client that does not read holds this task only
			return nil
		}
		if request.Close {
			conn.CloseWrite() // the client reads our end of file, and we read on until its own
		}
	}
}

// readRequest waits until a whole request has arrived.
func readRequest(t *aio.Task, conn *aio.Conn, inbox *http1.Inbox) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		arrived := make([]byte, 4096)
		n, err := conn.Read(t, arrived)
		if err != nil {
			return http1.Request{}, err
		}
		inbox.Add(arrived[:n])
	}
}

// ask fetches the backend's line. With all places of the client taken, the task waits in line first.
func (s *server) ask(t *aio.Task, question string) ([]byte, error) {
	query := question[:len(question)-1] // without the end of the line
	response, err := s.client.Fetch(t, httpclient.HTTPRequest{URL: s.backend + "?" + query})
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}
