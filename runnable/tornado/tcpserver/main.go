// The TCP server of Tornado's toolbox: it sends lines back unchanged. A callback accepts clients, and each client has a
// task with a stream, on which it waits for a line, or for room to write. Try it with nc.
//
// Tornado's names for these: TCPServer, handle_stream, IOStream.read_until and write. Its stream buffers up to 100 MB
// that the program has not read, and has no limit for unsent bytes (max_write_buffer_size): a server that does not wait
// for write fills its memory for a client that does not read. Here Drain waits from 64 KiB on, as asyncio's does.
package main

import (
	"log"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, _ := job.Flags() // this server asks no backend
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	log.Fatal(aio.Run(func(t *aio.Task) error {
		acceptClients(t, listener)
		_, err := aio.Await(t, aio.NewFuture[aio.None](t)) // forever
		return err
	}))
}

// atMost is how many clients are accepted in one turn: a storm of new clients must not starve the connected ones
// (tornado.netutil.add_accept_handler).
const atMost = 128

// acceptClients has the loop call accept whenever a client waits.
func acceptClients(t *aio.Task, listener int) {
	accept := func() {
		for range atMost {
			conn, err := sys.Accept(listener)
			switch err {
			case nil:
				start(t, conn)
			case sys.EAGAIN:
				return // all are accepted
			case sys.ECONNABORTED: // this client left while it waited
			default: // perhaps no descriptor is free: the client stays in the queue. Let others leave before a new try
				log.Printf("accept: %v", err)
				t.Loop().RemoveReader(listener)
				t.Loop().CallLater(50*time.Millisecond, func() { acceptClients(t, listener) })
				return
			}
		}
	}
	if err := t.Loop().AddReader(listener, accept); err != nil {
		log.Fatal(err) // no client would ever be accepted
	}
}

// start starts a client's task.
func start(t *aio.Task, conn int) {
	if err := sys.SetNonblock(conn, true); err != nil {
		log.Printf("fcntl: %v", err)
		sys.Close(conn)
		return
	}
	t.Go(func(t *aio.Task) error {
		stream := aio.NewConn(t, conn)
		defer stream.Close()
		echo(t, stream)
		return nil
	})
}

// echo sends lines back until the client leaves. A line longer than 64 KiB closes the connection.
func echo(t *aio.Task, stream *aio.Conn) {
	for {
		line, err := stream.ReadUntil(t, []byte("\n"))
		if err != nil {
			return
		}
		if _, err := stream.Write(line); err != nil {
			return
		}
		if err := stream.Drain(t); err != nil { // a client that does not read holds this coroutine only
			return
		}
	}
}
