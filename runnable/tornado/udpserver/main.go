// The UDP server of the toolbox: each datagram goes back to its sender. There is one socket for all of them: nothing to
// accept, no descriptor for each client, no end of a connection. A datagram arrives whole, or not at all, and the
// loss of one is not reported. Try it with nc -u.
//
// Tornado has no UDP, and never had: this is a server in its style. asyncio has create_datagram_endpoint (PEP 3156).
package main

import (
	"errors"
	"fmt"
	"log"
	"syscall"

	"era/runnable/kit/aio"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, _ := job.Flags() // this server asks no backend
	socket, bound := bind(addr)
	log.Fatal(aio.Run(func(t *aio.Task) error { return echo(t, socket, bound.Port()) }))
}

// bind opens a socket for datagrams and prints its address on standard output.
func bind(addr sys.Addr) (socket int, bound sys.Addr) {
	socket, err := sys.Socket(sys.AF_INET, sys.SOCK_DGRAM, 0)
	if err != nil {
		log.Fatalf("socket: %v", err)
	}
	if err := sys.Bind(socket, addr); err != nil { // without listen: every program that knows the address may send
		log.Fatalf("bind %v: %v", addr, err)
	}
	if err := sys.SetNonblock(socket, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	bound, err = sys.Getsockname(socket)
	if err != nil {
		log.Fatalf("getsockname: %v", err)
	}
	fmt.Printf("listening on %v\n", bound)
	return socket, bound
}

// echo sends datagrams back, one after the other.
func echo(t *aio.Task, socket int, port uint16) error {
	room := make([]byte, 64<<10) // a datagram holds 65,507 bytes at most, so none is cut off
	for {
		n, from, err := aio.RecvFrom(t, socket, room)
		var errno syscall.Errno
		switch {
		case errors.As(err, &errno):
			log.Printf("recvfrom: %v", err) // an error of one datagram does not concern the next
			continue
		case err != nil: // the task is cancelled
			return err
		}
		if from.Port() == port {
			continue // it names us, or an echo like us, as its sender: the answer would go round forever
		}
		if err := aio.SendTo(t, socket, room[:n], from); err != nil {
			log.Printf("sendto %v: %v", from, err)
		}
	}
}
