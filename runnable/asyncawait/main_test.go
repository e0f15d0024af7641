//go:build linux || darwin

package main

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/aio"
	"era/runnable/kit/sys"
)

// TestCancelled: a cancelled server ends, although one client has not asked yet, one waits for the backend, and the
// listener waits for the next.
func TestCancelled(t *testing.T) {
	ended := make(chan error, 1)
	go func() {
		ended <- aio.Run(func(t *aio.Task) error { // when main ends, what is left is cancelled, and waited for
			server, backend := listen(t), listen(t)
			addr, _ := sys.Getsockname(server)
			asked, _ := sys.Getsockname(backend)
			t.Go(func(t *aio.Task) error { return serve(t, server, asked) })
			if _, err := aio.Connect(t, addr); err != nil {
				return err
			}
			conn, err := aio.Connect(t, addr)
			if err == nil {
				err = aio.WriteAll(t, conn, []byte("GET /ask HTTP/1.1\r\nHost: a\r\n\r\n"))
			}
			if err == nil {
				_, err = aio.Accept(t, backend) // which does not answer
			}
			return err
		})
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(hang.After):
		t.Error("the server still runs")
	}
}

func listen(t *aio.Task) int {
	fd, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err := errors.Join(err, sys.SetNonblock(fd, true), sys.Bind(fd, netip.MustParseAddrPort("127.0.0.1:0")),
		sys.Listen(fd, 16)); err != nil {
		panic(err)
	}
	return fd
}
