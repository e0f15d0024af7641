//go:build linux || darwin

package aio

import (
	"errors"
	"testing"
	"time"

	"era/internal/hang"
)

// TestDrainOrArrive: a writer whose peer does not read waits until the peer sends something, or reads after all.
func TestDrainOrArrive(t *testing.T) {
	run(t, func(task *Task) error {
		here, there := pair(t, task)
		defer there.Abort()
		defer here.Abort()
		if err := here.DrainOrArrive(task); err != nil { // nothing is buffered: no wait
			return err
		}
		there.loop.RemoveReader(there.fd) // a peer that does not read
		for !here.full {
			if _, err := here.Write(make([]byte, 4096)); err != nil {
				return err
			}
		}
		waiting := func() *Future[None] {
			f := task.Go(func(t *Task) error { return here.DrainOrArrive(t) })
			Sleep(task, 0)
			Sleep(task, 0)
			if f.Done() {
				t.Error("it did not wait")
			}
			return f
		}
		arrives := waiting()
		there.Write([]byte("early"))
		if _, err := Await(task, arrives); err != nil {
			return err
		}
		if err := here.DrainOrArrive(task); err != nil { // the bytes are still there: no wait
			return err
		}
		if got, err := here.ReadExactly(task, 5); string(got) != "early" || !here.full {
			t.Errorf("%q, %v; drained: %v", got, err, !here.full)
		}
		drains := waiting()
		there.listen()
		for !drains.Done() {
			if _, err := there.Read(task, make([]byte, 64<<10)); err != nil {
				return err
			}
		}
		_, err := Await(task, drains)
		return err
	})
}

// TestQuiet: bytes that only the kernel has count too, before the loop has read them.
func TestQuiet(t *testing.T) {
	run(t, func(task *Task) error {
		for _, say := range []func(c *Conn){func(c *Conn) { c.Write([]byte("unasked")) }, func(c *Conn) { c.CloseWrite() },
			(*Conn).Reset} {
			here, there := pair(t, task)
			if !here.Quiet() {
				t.Error("not quiet before anything was sent")
			}
			say(there)
			for end := time.Now().Add(hang.After); here.Quiet(); time.Sleep(time.Millisecond) { // the loop stands still
				if time.Now().After(end) {
					return errors.New("bytes in the kernel were not noticed")
				}
			}
			here.Abort()
			there.Abort()
		}
		return nil
	})
}
