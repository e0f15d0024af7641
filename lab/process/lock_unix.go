//go:build linux || darwin

package process

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
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
	w := waiterFor(file, f)
	select {
	case <-w.locked:
		return func() { w.file.Close() }, nil
	case <-ctx.Done():
		w.leave(file)
		return nil, ctx.Err()
	}
}

// waiter waits for a lock in flock(2), which nothing interrupts but a signal. So it goes on when nobody wants the lock any
// more, and is there for the next who does: a reader who starts and stops experiments while another lab measures would
// otherwise leave a thread and a descriptor behind with each.
type waiter struct {
	file   *os.File
	locked chan struct{}
}

var left = struct {
	sync.Mutex
	waiters map[string][]*waiter // that nobody wants, by the name of the file
}{waiters: map[string][]*waiter{}}

// waiterFor gives one that was left, or else has a new one wait with f, which is closed if it is not needed.
func waiterFor(file string, f *os.File) *waiter {
	left.Lock()
	defer left.Unlock()
	if all := left.waiters[file]; len(all) > 0 {
		f.Close()
		left.waiters[file] = all[1:] // the kernel serves those who wait in their order
		return all[0]
	}
	w := &waiter{f, make(chan struct{})}
	go func() {
		for syscall.Flock(int(f.Fd()), syscall.LOCK_EX) == syscall.EINTR {
		}
		left.Lock()
		defer left.Unlock()
		close(w.locked)
		if all := left.waiters[file]; slices.Contains(all, w) {
			left.waiters[file] = slices.DeleteFunc(all, func(o *waiter) bool { return o == w })
			f.Close()
		}
	}()
	return w
}

// leave leaves the waiter to the next who wants the lock, or gives the lock back if it has got it just now.
func (w *waiter) leave(file string) {
	left.Lock()
	defer left.Unlock()
	select {
	case <-w.locked:
		w.file.Close()
	default:
		left.waiters[file] = append(left.waiters[file], w)
	}
}
