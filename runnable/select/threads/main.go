// The article's second listing, corrected: select waits for clients, and a thread serves each. The article put every
// connection into select's set and gave it to a thread as well, non-blocking, so that two owners fought over one
// descriptor. Here each descriptor has one owner: the listener belongs to select, a connection to its thread.
package main

import (
	"log"
	"runtime/debug"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	debug.SetMaxThreads(50_000) // see the server threads

	addr, backend := job.Flags()
	listener := job.Listen(addr)
	// A client that select has seen may be gone before accept, which must not wait for another then.
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	for {
		var readable sys.FdSet // made anew each time: select leaves in it only what is ready
		readable.Set(listener)
		n, err := sys.Select(listener+1, &readable, nil, nil, time.Second)
		if err != nil && err != sys.EINTR {
			log.Fatalf("select: %v", err)
		}
		if n <= 0 {
			continue // a quiet second: the place for a program's other duties, and the only use of select here
		}
		conn, err := sys.Accept(listener)
		if err == sys.EAGAIN {
			continue
		}
		if err != nil {
			log.Printf("accept: %v", err)
			if sys.NoRoom(err) {
				time.Sleep(10 * time.Millisecond) // the listener stays readable, so select would not wait
			}
			continue
		}
		sys.Thread(func() { job.Handle(conn, backend) })
	}
}
