// The server with a thread per connection: the blocking server's own handler, on a thread of the operating system for
// each client. A thread that waits holds up no other client.
package main

import (
	"log"
	"runtime/debug"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	// Go ends a program that has more than 10,000 threads, since that is nearly always a mistake. Here it is intended.
	debug.SetMaxThreads(50_000)

	addr, backend := job.Flags()
	listener := job.Listen(addr)
	for {
		conn, err := sys.Accept(listener)
		if err != nil {
			log.Printf("accept: %v", err)
			if sys.NoRoom(err) {
				time.Sleep(10 * time.Millisecond) // EMFILE: no descriptor is free. Let a client leave before we try again
			}
			continue
		}
		sys.Thread(func() { job.Handle(conn, backend) })
	}
}
