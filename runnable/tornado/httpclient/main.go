// The HTTP server of the toolbox with a backend that is asked over HTTP, by a client like Tornado's: it makes a limited
// number of requests at a time, ten by default. The others wait in line, and with them their clients.
//
//	go run ./runnable/tornado/httpclient -addr 127.0.0.1:8080 -backend 127.0.0.1:8081 -max-clients 10
//	go run ./runnable/tornado/httpclient http://127.0.0.1:8080/ http://127.0.0.1:8080/ask?delay=50
//
// The second fetches all addresses at the same time, and prints how each went.
package main

import (
	"flag"
	"log"
	"os"
	"strings"

	"era/runnable/kit/aio"
	"era/runnable/kit/httpclient"
	"era/runnable/kit/httpserver"
	"era/runnable/kit/job"
)

func main() {
	maxClients := flag.Int("max-clients", 10, "`number` of requests to the backend at a time; further ones wait in line")
	if addresses := urls(os.Args[1:]); len(addresses) > 0 {
		os.Exit(fetchAll(addresses))
	}
	addr, backend := job.Flags()
	if *maxClients < 1 {
		log.Fatalf("-max-clients %d: want 1 or more", *maxClients)
	}
	listener := job.Listen(addr)
	s := asker{backend: "http://" + backend.String() + "/", client: httpclient.NewAsyncHTTPClient(*maxClients)}
	server := httpserver.Server{Handler: httpserver.Job(s.ask)}
	log.Fatal(aio.Run(func(t *aio.Task) error { return server.Serve(t, listener) }))
}

type asker struct {
	backend string // its address
	client  *httpclient.AsyncHTTPClient
}

// ask fetches the backend's line. If all places of the client are taken, the task waits in line first.
func (s asker) ask(t *aio.Task, question string) ([]byte, error) {
	query := strings.TrimSuffix(question, "\n")
	response, err := s.client.Fetch(t, httpclient.HTTPRequest{URL: s.backend + "?" + query})
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}
