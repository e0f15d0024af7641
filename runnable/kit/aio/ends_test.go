//go:build linux || darwin

package aio

import (
	"io"
	"testing"
	"time"

	"era/internal/hang"
)

// TestAbortAgain: aborting a closed connection does nothing to the next connection with the same descriptor number.
func TestAbortAgain(t *testing.T) {
	run(t, func(task *Task) error {
		gone, peer := pair(t, task)
		gone.Abort()
		peer.Abort()
		here, there := pair(t, task)
		if here.fd != gone.fd {
			t.Fatalf("the number %d was released, and the next is %d", gone.fd, here.fd)
		}
		defer here.Close()
		defer there.Close()
		here.Write(make([]byte, 1<<20)) // more than the kernel takes: the rest waits for room
		gone.Abort()
		return Timeout(task, hang.After, func() error { // turns a hang into a failure
			_, err := there.ReadExactly(task, 1<<20)
			return err
		})
	})
}

// TestLeave: a peer that reads gets our last bytes; one that does not read is closed all the same.
func TestLeave(t *testing.T) {
	run(t, func(task *Task) error {
		here, there := pair(t, task)
		here.Write(make([]byte, 100<<10))
		left := task.Go(func(task *Task) error { here.Leave(task, time.Hour); return nil })
		if _, err := there.ReadExactly(task, 100<<10); err != nil {
			return err
		}
		if _, err := there.Read(task, make([]byte, 1)); err != io.EOF {
			t.Errorf("after the last bytes: %v", err)
		}
		there.Close()
		Await(task, left)

		here, there = pair(t, task)
		defer there.Close()
		here.Write(make([]byte, 1<<20)) // there reads ahead a little, then stops
		here.Leave(task, 10*time.Millisecond)
		if !here.closed {
			t.Errorf("it is not closed, and still has %d bytes", here.Buffered())
		}
		return nil
	})
}
