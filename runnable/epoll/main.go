// The epoll server: the list of what is waited for stays in the kernel. The program tells it only what changes, and is
// told only what happened, so a thousand silent connections cost a round nothing. On macOS and BSD, kqueue does it.
package main

import (
	"flag"
	"log"

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
	s.must(selector.Register(listener, readiness.Readable))
	full := false // no descriptor was free for the last client
	for {
		ready, err := selector.Wait(-1) // the one call that waits
		s.must(err)
		if full {
			s.must(selector.Register(listener, readiness.Readable))
			full = false
		}
		for _, r := range ready {
			if r.FD != listener {
				s.step(r.FD)
				continue
			}
			client, err := sys.Accept(listener)
			switch err {
			case nil:
				s.watch(machine.New(client, backend))
			case sys.EAGAIN: // it left between the wait and accept
			case sys.EMFILE, sys.ENFILE:
				full = true // the listener stays ready, so we would not sleep: until something else happens, look away
				s.must(selector.Unregister(listener))
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
	// The step may have closed fd. Then the kernel has forgotten it already, and says so.
	if err := s.selector.Unregister(fd); err != nil && err != sys.EBADF && err != sys.ENOENT {
		log.Fatalf("unregister: %v", err)
	}
	s.watch(c)
}

func (s server) watch(c *machine.Conn) {
	if c.Gone() {
		return
	}
	fd, write := c.Waits()
	s.waiting[fd] = c
	if write {
		s.must(s.selector.Register(fd, readiness.Writable))
	} else {
		s.must(s.selector.Register(fd, readiness.Readable))
	}
}

// must ends the program: without its interest list it would wait for ever.
func (server) must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
