// The epoll server: the list of what is waited for stays in the kernel. The program tells it only what changes, and is
// told only what happened, so a thousand silent connections cost a round nothing. On macOS and BSD, kqueue does it.
package main

import (
	"flag"
	"log"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/machine"
	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

func main() {
	edge := flag.String("edge", "", "edge-triggered, and how to read then: `once`, drain or fair")
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	if *edge != "" {
		serveEdge(*edge, listener, backend)
	}
	selector, err := readiness.New()
	if err != nil {
		log.Fatal(err)
	}
	s := server{selector, map[int]*machine.Conn{}}
	must(selector.Register(listener, readiness.Readable))
	patience := time.Duration(-1) // forever, unless no descriptor was free for the last client
	for {
		ready, err := selector.Wait(patience) // the one call that waits
		must(err)
		if patience > 0 {
			must(selector.Register(listener, readiness.Readable))
			patience = -1
		}
		for _, r := range ready {
			if r.FD != listener {
				s.step(r.FD)
				continue
			}
			client, err := sys.Accept(listener)
			switch {
			case err == nil:
				s.watch(machine.New(client, backend))
			case err == sys.EAGAIN: // it left between the wait and accept
			case sys.NoRoom(err): // EMFILE: no descriptor is free
				patience = 10 * time.Millisecond // the listener stays ready: look away until something else happens, or so long
				must(selector.Unregister(listener))
			default:
				log.Printf("accept: %v", err)
			}
		}
	}
}

// server is the kernel's interest list, and beside it ours: whose connection waits for which descriptor. A connection
// waits for one at a time.
type server struct {
	selector readiness.Selector
	waiting  map[int]*machine.Conn
}

// step goes on with the connection that waited for fd, and tells the kernel if it now waits for something else.
func (s server) step(fd int) {
	c := s.waiting[fd]
	state, asked := c.State, c.Asked
	c.Step()
	if c.State == state && c.Asked == asked {
		return // as nearly always, and then no call is made
	}
	delete(s.waiting, fd)
	s.selector.Unregister(fd) // EBADF or ENOENT: the step has closed fd, and the kernel has forgotten it already
	s.watch(c)
}

func (s server) watch(c *machine.Conn) {
	if c.Gone() {
		return
	}
	fd, write := c.Waits()
	want := readiness.Readable
	if write {
		want = readiness.Writable
	}
	if err := s.selector.Register(fd, want); err != nil {
		log.Printf("register: %v", err) // ENOSPC or ENOMEM: the kernel's list is full. This client is lost, and no other
		c.Close()
		return
	}
	s.waiting[fd] = c
}

// must ends the program: if it cannot wait, or cannot watch its listener, it is of no use to any client.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
