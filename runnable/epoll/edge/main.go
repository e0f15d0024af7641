// The epoll server with an edge: the kernel reports a change once, and does not report again that bytes are left. A
// descriptor is registered once, for both directions, until it is closed; no other epoll_ctl is made. In return the
// program must know by itself which connections are ready: those that have not had EAGAIN since their last event.
package main

import (
	"flag"
	"log"
	"math"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/machine"
	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

// way is a way of reading with an edge.
type way struct {
	most  int  // steps of a connection in its turn; a step is one read
	queue bool // a connection that may have more has another turn, without an event
}

var ways = map[string]way{
	"once":  {1, false},          // a mistake: the bytes left unread are never reported
	"drain": {math.MaxInt, true}, // a mistake: until EAGAIN, so a client that never stops sending starves the others
	"fair":  {2, true},           // the remedy: until EAGAIN, but in turns
}

func main() {
	name := flag.String("edge", "fair", "how to read: `once`, drain or fair")
	addr, backend := job.Flags()
	way, known := ways[*name]
	if !known {
		log.Fatalf("-edge: once, drain or fair, not %q", *name)
	}
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	selector, err := readiness.NewEdge()
	must(err)
	must(selector.Register(listener, readiness.Readable, nil))
	var ready []*machine.Conn // those that may have more, in turn
	accepting := false        // the same for the listener
	for {
		// region turn
		patience := time.Duration(-1)
		switch {
		case len(ready) > 0:
			patience = 0 // only look which others are ready
		case accepting:
			patience = 10 * time.Millisecond // no descriptor was free: try again soon
		}
		events, err := selector.Wait(patience)
		must(err)
		for _, event := range events {
			if event.Data == nil {
				accepting = true
			} else if c := event.Data.(*machine.Conn); c.Dry {
				c.Dry = false
				ready = append(ready, c)
			}
		}

		turn := ready
		ready = nil
		for _, c := range turn {
			for n := 0; n < way.most && !c.Dry && !c.Gone(); n++ {
				before := c.Waits()
				c.Step()
				if now := c.Waits(); now.Question != 0 && now.Question != before.Question {
					watch(selector, now.FD, c)
				}
			}
			switch {
			case c.Dry || c.Gone():
			case way.queue:
				ready = append(ready, c) // its turn is over, and it may have more
			default:
				c.Dry = true // assumed, not known
			}
		}
		// endregion turn

		for accepting {
			client, err := sys.Accept(listener)
			switch {
			case err == nil:
				c := machine.New(client, backend)
				if c.Dry = true; !c.Gone() { // its first event comes at once, for there is room to write
					watch(selector, client, c)
				}
				continue
			case err == sys.EAGAIN:
				accepting = false
			case sys.NoRoom(err): // EMFILE: try again after the next wait
			default:
				log.Printf("accept: %v", err)
			}
			break
		}
	}
}

// watch registers a descriptor of the connection, for as long as it is open.
func watch(selector readiness.Selector, fd int, c *machine.Conn) {
	if err := selector.Register(fd, readiness.Readable|readiness.Writable, c); err != nil {
		log.Printf("register: %v", err) // only this client is lost
		c.Close()
	}
}

// must exits on error: a server that cannot wait, or cannot watch its listener, serves no client.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
