package main

import (
	"errors"

	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// serveStreams is the server on streams: Write never waits, it keeps what the kernel has no room for.
func serveStreams(t *aio.Task, listener int, backend sys.Addr, drain bool) error {
	return aio.Serve(t, listener, func(t *aio.Task, conn *aio.Conn) error {
		return handleStream(t, conn, backend, drain)
	})
}

func handleStream(t *aio.Task, conn *aio.Conn, backend sys.Addr, drain bool) error {
	var inbox http1.Inbox
	arrived := make([]byte, 4096)
	for {
		request, ok := inbox.Next()
		if !ok {
			n, err := conn.Read(t, arrived)
			if err != nil {
				return nil // the client is gone, and nothing is left to do
			}
			inbox.Add(arrived[:n])
			continue
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := askBackend(t, backend, request.Question); err == nil {
				reply = request.Answer(line)
			} else if errors.Is(err, aio.Cancelled) {
				return err
			} else {
				reply = request.Unanswered()
			}
		}
		if _, err := conn.Write(reply); err != nil {
			return nil
		}
		if drain { // the mistake is to leave this out: if the client does not read, the buffer grows
			if err := conn.Drain(t); err != nil {
				return nil
			}
		}
		if request.Close {
			conn.CloseWrite()
		}
	}
}
