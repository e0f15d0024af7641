// The blocking server: one thread, one connection at a time. Every call waits until it is done, so the program reads
// like the job itself. Whoever comes meanwhile waits too.
package main

import (
	"log"

	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	for {
		conn, err := sys.Accept(listener) // waits for a client
		if err != nil {
			log.Printf("accept: %v", err) // this client is lost: it left while it waited, say. The next may be well
			continue
		}
		job.Handle(conn, backend) // until this client leaves, nobody is accepted
	}
}
