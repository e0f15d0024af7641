// The epoll server: the list of what is waited for stays in the kernel. The program reports only changes to it, and
// receives only events, so a thousand silent connections cost a round nothing. On macOS and BSD, this is kqueue.
package main

import (
	"log"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/machine"
	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	selector, err := readiness.New()
	must(err)
	must(selector.Register(listener, readiness.Readable, nil))
	patience := time.Duration(-1) // forever, unless no descriptor was free for the last client
	for {
		ready, err := selector.Wait(patience) // the one call that waits
		must(err)
		if patience > 0 {
			must(selector.Register(listener, readiness.Readable, nil))
			patience = -1
		}
		for _, r := range ready {
			if r.Data != nil {
				step(selector, r.Data.(*machine.Conn))
				continue
			}
			client, err := sys.Accept(listener)
			switch {
			case err == nil:
				watch(selector, machine.New(client, backend))
			case err == sys.EAGAIN: // it left between the wait and accept
			case sys.NoRoom(err): // EMFILE: no descriptor is free
				patience = 10 * time.Millisecond // the listener stays ready: ignore it until another event, or 10 ms
				must(selector.Unregister(listener))
			default:
				log.Printf("accept: %v", err)
			}
		}
	}
}

// step continues the connection's job, and tells the kernel if it now waits for something else.
func step(selector readiness.Selector, c *machine.Conn) {
	before := c.Waits()
	c.Step()
	if c.Waits() == before {
		return // the usual case: no system call is made
	}
	selector.Unregister(before.FD) // EBADF or ENOENT: the step closed it, and the kernel forgot it
	watch(selector, c)
}

// watch tells the kernel what the connection waits for. The selector hands c back with the event.
func watch(selector readiness.Selector, c *machine.Conn) {
	if c.Gone() {
		return
	}
	wait, want := c.Waits(), readiness.Readable
	if wait.Write {
		want = readiness.Writable
	}
	if err := selector.Register(wait.FD, want, c); err != nil {
		log.Printf("register: %v", err) // ENOSPC or ENOMEM: the kernel's list is full. Only this client is lost
		c.Close()
	}
}

// must exits on error: a server that cannot wait, or cannot watch its listener, serves no client.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
