// The poll server: the select server with a list in place of the bitmaps. A list has no highest descriptor, and its
// entries keep the question apart from the answer, so it need not be made anew. The kernel still reads all of it.
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
	list := []sys.PollFd{{Events: sys.POLLIN}} // the listener's entry, and behind it one for each connection
	full := false                              // no descriptor was free for the last client
	for {
		list[0].Fd = int32(listener)
		patience := time.Duration(-1) // forever
		if full {
			list[0].Fd = -1 // the kernel ignores an entry that names no descriptor
			patience = 10 * time.Millisecond
		}
		list = list[:1]
		for _, c := range conns {
			wait := c.Waits()
			entry := sys.PollFd{Fd: int32(wait.FD), Events: sys.POLLIN}
			if wait.Write {
				entry.Events = sys.POLLOUT
			}
			list = append(list, entry)
		}

		_, err := sys.Poll(list, patience) // the one call that waits
		if err == sys.EINTR {
			continue
		}
		if err != nil {
			log.Fatalf("poll: %v", err)
		}
		full = false

		for i, c := range conns {
			if list[i+1].Revents != 0 { // an error or a hang-up counts too: the next call will return it
				c.Step()
			}
		}
		if list[0].Revents != 0 {
			client, err := sys.Accept(listener)
			switch {
			case err == nil:
				conns = append(conns, machine.New(client, backend))
			case err == sys.EAGAIN: // it left between poll and accept
			case sys.NoRoom(err): // EMFILE: no descriptor is free
				full = true // the listener stays ready, so poll would not sleep: wait for the others, or 10 ms
			default:
				log.Printf("accept: %v", err)
			}
		}
		conns = slices.DeleteFunc(conns, (*machine.Conn).Gone)
	}
}
