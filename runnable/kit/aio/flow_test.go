//go:build linux || darwin

package aio

import "testing"

// TestC4_17_HighAndLowWater: a write is tried at once, the rest is kept; Drain waits from above high water to low water.
func TestC4_17_HighAndLowWater(t *testing.T) {
	run(t, func(task *Task) error {
		here, there := pair(t, task)
		defer here.Abort()
		defer there.Abort()
		there.loop.RemoveReader(there.fd) // a peer that does not read
		here.Write([]byte("small"))
		if n := here.Buffered(); n != 0 {
			t.Errorf("%d bytes kept of a write that fits", n)
		}
		sent := 5
		for !here.full {
			n, err := here.Write(make([]byte, 4096))
			if err != nil {
				return err
			}
			sent += n
		}
		if n := here.Buffered(); n <= highWater || n > highWater+4096 {
			t.Errorf("above high water with %d bytes", n)
		}
		drained := task.Go(func(t *Task) error { return here.Drain(t) })
		Sleep(task, 0)
		Sleep(task, 0)
		if drained.Done() {
			t.Error("drained although the peer does not read")
		}
		there.listen()
		if _, err := Await(task, drained); err != nil {
			return err
		}
		if n := here.Buffered(); n > highWater/4 {
			t.Errorf("drained with %d bytes left", n)
		}
		got, err := there.ReadExactly(task, sent)
		if len(got) != sent {
			t.Errorf("%d bytes of %d arrived", len(got), sent)
		}
		return err
	})
}

// TestC4_17_ReaderPauses: bytes that are not taken stay with the kernel once twice the limit has arrived.
func TestC4_17_ReaderPauses(t *testing.T) {
	run(t, func(task *Task) error {
		here, there := pair(t, task)
		defer there.Abort()
		defer here.Abort()
		const size = 1 << 20
		here.Write(make([]byte, size))
		for !there.stuck {
			if err := Sleep(task, 0); err != nil {
				return err
			}
		}
		if n := len(there.in); n <= 2*readLimit || n > 2*readLimit+chunk {
			t.Errorf("paused with %d bytes", n)
		}
		if here.Buffered() == 0 {
			t.Error("the sender is not slowed down")
		}
		got, err := there.ReadExactly(task, size)
		if len(got) != size {
			t.Errorf("%d bytes of %d arrived", len(got), size)
		}
		return err
	})
}

// TestC4_18_WithoutDrain: without Drain the buffer grows by all that is written; with Drain it stays below high water
// plus one write.
func TestC4_18_WithoutDrain(t *testing.T) {
	const piece, pieces = 16 << 10, 256
	for _, drains := range []bool{false, true} {
		run(t, func(task *Task) error {
			here, there := pair(t, task)
			defer here.Abort()
			defer there.Abort()
			most := 0
			writing := task.Go(func(t *Task) error {
				for range pieces {
					if _, err := here.Write(make([]byte, piece)); err != nil {
						return err
					}
					most = max(most, here.Buffered())
					if drains {
						if err := here.Drain(t); err != nil {
							return err
						}
					}
				}
				return nil
			})
			if _, err := there.ReadExactly(task, piece*pieces); err != nil {
				return err
			}
			if drains && most > highWater+piece || !drains && most < piece*pieces/2 {
				t.Errorf("drains %v: the buffer held %d bytes of %d", drains, most, piece*pieces)
			}
			_, err := Await(task, writing)
			return err
		})
	}
}
