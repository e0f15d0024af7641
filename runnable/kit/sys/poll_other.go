//go:build !linux && !darwin && !wasip1

package sys

import (
	"syscall"
	"time"
)

type PollFd struct {
	Fd      int32
	Events  int16
	Revents int16
}

const (
	POLLIN = 1 << iota
	POLLOUT
	POLLERR
	POLLHUP
	POLLNVAL
)

const (
	EEXIST = syscall.EEXIST
	ENOENT = syscall.ENOENT
)

func Poll([]PollFd, time.Duration) (int, error) { return -1, ErrNotHere }
