// The non-blocking server that polls: no call ever waits, so one thread can serve all connections. But the kernel does
// not report which of them has something, so the server asks all of them, again and again, as fast as it can.
package main

import (
	"log"
	"slices"

	"era/runnable/kit/job"
	"era/runnable/kit/machine"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	var conns []*machine.Conn
	for {
		client, err := sys.Accept(listener)
		switch {
		case err == nil:
			conns = append(conns, machine.New(client, backend))
		case err == sys.EAGAIN, sys.NoRoom(err): // no client, or no descriptor is free: try again
		default:
			log.Printf("accept: %v", err)
		}
		for _, c := range conns {
			c.Step() // most of these calls find nothing
		}
		conns = slices.DeleteFunc(conns, (*machine.Conn).Gone)
	}
}
