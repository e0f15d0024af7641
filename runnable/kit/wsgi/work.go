package wsgi

import (
	"cmp"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"era/runnable/kit/sys"
)

// work is a worker's loop: accept a client, answer its one request, close, accept the next client.
func (s *Workers) work(listener int) error {
	signal.Ignore(os.Interrupt) // Ctrl-C in a terminal goes to all its processes: the supervisor decides
	serving := &server{app: s.App, multiprocess: true, errors: cmp.Or[io.Writer](s.Errors, os.Stderr)}
	if err := serving.at(listener); err != nil {
		return err
	}
	timeout := cmp.Or(s.Timeout, 30*time.Second)
	// Together less than the timeout: a client that is slow with its head, and slow with its body or its reading, is
	// dropped before the supervisor takes the worker for hung.
	beat := timeout / 10
	patience := &patience{idle: 4 * beat, body: 4 * beat, linger: min(time.Second, beat/2)}
	own := &scratch{}
	for {
		if _, err := sys.Write(beats, []byte{0}); err != nil {
			return nil // nothing listens any more: the supervisor has gone
		}
		c, err := next(listener, beat, patience)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			log.Printf("accept: %v", err)
			time.Sleep(10 * time.Millisecond) // for example, no descriptor is free
			continue
		}
		if c == nil {
			continue // no client came: send another sign of life
		}
		c.scratch = own
		for wait(c.fd, sys.POLLIN, time.Until(c.until)) == nil && c.turn(serving, true) {
		}
		sys.Close(c.fd)
	}
}

// next waits for a client, or for the end of the line to the supervisor, which is io.EOF. It returns nil when no client
// came for a while, or when another worker was faster.
func next(listener int, beat time.Duration, p *patience) (*conn, error) {
	fds := []sys.PollFd{{Fd: int32(listener), Events: sys.POLLIN}, {Fd: line, Events: sys.POLLIN}}
	n, err := sys.Poll(fds, beat)
	switch {
	case err == sys.EINTR || n == 0:
		return nil, nil
	case err != nil:
		return nil, err
	case fds[1].Revents != 0:
		return nil, io.EOF
	}
	c, err := accept(listener, p)
	if err == sys.EAGAIN || err == sys.ECONNABORTED {
		return nil, nil
	}
	return c, err
}
