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

// lock takes the lock that a file stands for. It calls busy once if it has to wait: another process holds the lock, or
// another part of this one. The kernel releases a lock whose holder is killed. Where the file system has no locks, like
// some network file systems, every caller gets it at once.
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

// held reports whether another caller holds the lock.
func held(file string) bool {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return false // it was never taken
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == syscall.EWOULDBLOCK
}

// waiter waits for a lock in flock(2), which only a signal can interrupt. So it goes on when its caller gives up, and
// serves the next caller: otherwise a reader who starts and stops experiments while another lab measures would leave a
// thread and a descriptor behind with each.
type waiter struct {
	file   *os.File
	locked chan struct{}
}

var left = struct {
	sync.Mutex
	waiters map[string][]*waiter // without a caller, by the name of the file
}{waiters: map[string][]*waiter{}}

// waiterFor returns a waiter without a caller, or else lets a new one wait with f, which is closed if it is not needed.
func waiterFor(file string, f *os.File) *waiter {
	left.Lock()
	defer left.Unlock()
	if all := left.waiters[file]; len(all) > 0 {
		f.Close()
		left.waiters[file] = all[1:] // the kernel grants the lock in the order of waiting
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

// leave keeps the waiter for the next caller, or releases the lock if the waiter has just got it.
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
