// The TCP server of Tornado's toolbox: lines come back as they went. A callback accepts clients, and each has a coroutine
// with a stream, on which it waits for what it wants: a line, or room to write. Try it with nc.
//
// What Tornado calls these: TCPServer, handle_stream, IOStream.read_until and write. Its stream takes up to 100 MB
// before anybody reads, and has no limit for what is written and not sent (max_write_buffer_size): a server that does
// not wait for write fills its memory for a client that does not read. Here Drain waits from 64 KiB on, as asyncio's does.
package main

import (
	"log"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

func main() {
	addr, _ := job.Flags() // there is no backend to ask
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	log.Fatal(aio.Run(func(t *aio.Task) error {
		acceptClients(t, listener)
		_, err := aio.Await(t, aio.NewFuture[aio.None](t)) // for ever
		return err
	}))
}

// atMost is how many clients are accepted before others have their turn: a storm of them shall not starve those who are
// here (tornado.netutil.add_accept_handler).
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
				return // all are in
			case sys.ECONNABORTED: // this one left while it waited
			default: // no descriptor is free, say: the client stays in the queue. Let others leave before we try again
				log.Printf("accept: %v", err)
				t.Loop().RemoveReader(listener)
				t.Loop().CallLater(50*time.Millisecond, func() { acceptClients(t, listener) })
				return
			}
		}
	}
	if err := t.Loop().AddReader(listener, accept); err != nil {
		log.Fatal(err) // nobody would ever come in
	}
}

// start gives a client a coroutine.
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

// echo sends lines back until the client leaves. One longer than 64 KiB is none.
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
