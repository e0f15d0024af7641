// A program that does one of each thing that leaves a trace.
package main

import (
	"log"
	"time"

	"golang.org/x/sys/unix"

	"era/runnable/kit/aio"
	"era/runnable/kit/coro"
	"era/runnable/kit/sys"
)

func main() {
	c := coro.New(func(yield coro.Yield) (any, error) { return yield(1) })
	c.Send(nil)
	c.Close()
	if err := aio.Run(run); err != nil {
		log.Fatal(err)
	}
}

func run(t *aio.Task) error {
	sleeper := t.Go(func(t *aio.Task) error { return aio.Sleep(t, time.Hour) })
	if err := aio.Sleep(t, time.Millisecond); err != nil { // parks here
		return err
	}
	sleeper.Cancel()
	aio.Await(t, sleeper)

	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	sys.SetNonblock(fds[0], true)
	sys.SetNonblock(fds[1], true)
	here, there := aio.NewConn(t, fds[0]), aio.NewConn(t, fds[1])
	const size = 4 << 20
	here.Write(make([]byte, size))
	_, err = there.ReadExactly(t, size)
	return err
}
