// The select server: one thread, many connections. The program tells the kernel what each connection waits for, and
// sleeps until one of them is ready.
package main

import (
	"log"
	"slices"
	"time"

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
	full := false // no descriptor was free for the last client
	for {
		// Select overwrites its sets with what is ready, so every round fills them anew.
		var readable, writable sys.FdSet
		highest, patience := listener, time.Duration(-1) // forever
		if full {
			patience = 10 * time.Millisecond
		} else {
			readable.Set(listener)
		}
		for _, c := range conns {
			wait := c.Waits()
			if wait.Write {
				writable.Set(wait.FD)
			} else {
				readable.Set(wait.FD)
			}
			highest = max(highest, wait.FD)
		}

		_, err := sys.Select(highest+1, &readable, &writable, nil, patience) // the one call that waits
		if err == sys.EINTR {
			continue
		}
		if err != nil {
			log.Fatalf("select: %v", err)
		}
		full = false

		for _, c := range conns {
			fd := c.Waits().FD // as it was before select: only its own step changes it
			if readable.IsSet(fd) || writable.IsSet(fd) {
				c.Step()
			}
		}
		if readable.IsSet(listener) {
			client, err := sys.Accept(listener)
			switch {
			case err == nil:
				conns = append(conns, machine.New(client, backend))
			case err == sys.EAGAIN: // it left between select and accept
			case sys.NoRoom(err): // EMFILE: no descriptor is free
				full = true // the listener stays ready, so select would not sleep: wait for the others, or 10 ms
			default:
				log.Printf("accept: %v", err)
			}
		}
		conns = slices.DeleteFunc(conns, (*machine.Conn).Gone)
	}
}
