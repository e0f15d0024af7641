//go:build linux || darwin

package process

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// lock takes the lock that a file stands for. busy is called once when it has to be waited for: another process has it, or
// another part of this one. The kernel releases a lock whose holder is killed. Where the file system has no locks, as some
// of other machines, everybody has it.
func lock(ctx context.Context, file string, busy func()) (release func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != syscall.EWOULDBLOCK {
		return func() { f.Close() }, nil
	}
	busy()
	locked := make(chan struct{})
	go func() { // nothing interrupts flock(2) but a signal; the kernel serves those who wait in their order
		for syscall.Flock(int(f.Fd()), syscall.LOCK_EX) == syscall.EINTR {
		}
		close(locked)
	}()
	select {
	case <-locked:
		return func() { f.Close() }, nil
	case <-ctx.Done():
		go func() {
			<-locked
			f.Close()
		}()
		return nil, ctx.Err()
	}
}
