package main

import (
	"errors"
	"log"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// acceptLoop is the first listing of the chapter on goroutines.
func acceptLoop(listener net.Listener, handle func(net.Conn)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Print(err)
			time.Sleep(10 * time.Millisecond) // perhaps no descriptor is free
			continue
		}
		handle(conn)
	}
}

// TestAcceptLoop: the chapter shows exactly this loop, and it survives an accept that fails.
func TestAcceptLoop(t *testing.T) {
	chapter, err := os.ReadFile("../../content/goroutines/index.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("loop_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "handle func(net.Conn)) {\n")
	body, _, _ = strings.Cut(body, "\n}\n")
	listing := strings.ReplaceAll(body, "\n\t", "\n")[1:]
	if !strings.Contains(string(chapter), "```go\n"+listing+"\n```") {
		t.Errorf("the chapter does not show\n%s", listing)
	}

	log.SetOutput(t.Output())
	defer log.SetOutput(os.Stderr)
	handled := make(chan net.Conn)
	go acceptLoop(&failing{fails: 2}, func(conn net.Conn) { handled <- conn }) // has no end, like the server
	if conn := <-handled; conn == nil {
		t.Error("a connection that does not exist was handled")
	}
}

// failing is a listener whose first calls to Accept fail.
type failing struct {
	net.Listener
	fails int
}

func (l *failing) Accept() (net.Conn, error) {
	if l.fails--; l.fails >= 0 {
		return nil, errors.New("too many open files")
	}
	return &net.TCPConn{}, nil
}
