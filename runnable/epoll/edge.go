package main

import (
	"log"
	"math"
	"time"

	"era/runnable/kit/machine"
	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

// way is one of reading with an edge, where the kernel says once that something has changed, and not again that
// something is left.
type way struct {
	most  int  // steps of a connection in its turn; a step is one read
	queue bool // who may have more comes again, without an event
}

var ways = map[string]way{
	"once":  {1, false},          // a mistake: of what is left unread nobody will ever say a word
	"drain": {math.MaxInt, true}, // a mistake: until EAGAIN, and one who never stops talking has us for himself
	"fair":  {2, true},           // the cure: until EAGAIN, but in turns
}

// serveEdge is the server with an edge. A descriptor is registered once, for both directions, until it is closed; no other
// epoll_ctl is made. In return the program must know by itself who is ready: whoever has not been told EAGAIN since.
func serveEdge(how string, listener int, backend sys.Addr) {
	way, known := ways[how]
	if !known {
		log.Fatalf("-edge: once, drain or fair, not %q", how)
	}
	selector, err := readiness.NewEdge()
	if err != nil {
		log.Fatal(err)
	}
	must(selector.Register(listener, readiness.Readable))
	conns := map[int]*machine.Conn{} // by descriptor; that of a closed one stays until the number is used again
	watch := func(fd int, c *machine.Conn) {
		if err := selector.Register(fd, readiness.Readable|readiness.Writable); err != nil {
			log.Printf("register: %v", err) // this client is lost, and no other
			c.Close()
			return
		}
		conns[fd] = c
	}
	var ready []*machine.Conn // who may have more, in turn
	accepting := false        // the same for the listener
	for {
		// region turn
		patience := time.Duration(-1)
		switch {
		case len(ready) > 0:
			patience = 0 // look who else is ready, and go on
		case accepting:
			patience = 10 * time.Millisecond // no descriptor was free: try again soon
		}
		events, err := selector.Wait(patience)
		must(err)
		for _, event := range events {
			if event.FD == listener {
				accepting = true
			} else if c := conns[event.FD]; c.Dry {
				c.Dry = false
				ready = append(ready, c)
			}
		}

		turn := ready
		ready = nil
		for _, c := range turn {
			for n := 0; n < way.most && !c.Dry && !c.Gone(); n++ {
				asked := c.Asked
				if c.Step(); c.State == machine.Asking && c.Asked != asked {
					fd, _ := c.Waits()
					watch(fd, c)
				}
			}
			switch {
			case c.Dry || c.Gone():
			case way.queue:
				ready = append(ready, c) // it had its turn, and is not through
			default:
				c.Dry = true // believed, not known
			}
		}
		// endregion turn

		for accepting {
			client, err := sys.Accept(listener)
			switch {
			case err == nil:
				c := machine.New(client, backend)
				if c.Dry = true; !c.Gone() { // its first event comes at once, for there is room to write
					watch(client, c)
				}
				continue
			case err == sys.EAGAIN:
				accepting = false
			case sys.NoRoom(err): // EMFILE: once more when something else has happened
			default:
				log.Printf("accept: %v", err)
			}
			break
		}
	}
}
