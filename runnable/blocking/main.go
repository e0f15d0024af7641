// The blocking server: one thread, one connection at a time. Every call waits until it is done, so the program reads
// like the job itself. A client that comes meanwhile waits too.
package main

import (
	"log"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	for {
		conn, err := sys.Accept(listener) // waits for a client
		if err != nil {
			log.Printf("accept: %v", err) // one client is lost: perhaps it left while it waited. Carry on with the next
			if sys.NoRoom(err) {
				time.Sleep(10 * time.Millisecond) // no client is lost: it stays in the queue, and accept would fail again at once
			}
			continue
		}
		job.Handle(conn, backend) // no client is accepted until this one leaves
	}
}
