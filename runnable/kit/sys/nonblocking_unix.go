//go:build linux || darwin

package sys

import "sync/atomic"

// nonblocking are the descriptors that SetNonblock was called for. A call on one of them comes back at once, so it need
// not tell Go's scheduler that its thread may block for a while; telling it costs a third of a short call.
var nonblocking descriptors

// descriptors is a set of descriptors below 65536, one bit each. Calls on higher ones go through the scheduler.
type descriptors [1 << 16 / 64]atomic.Uint64

func (d *descriptors) has(fd int) bool {
	return uint(fd) < 1<<16 && d[fd/64].Load()>>(fd%64)&1 == 1
}

func (d *descriptors) set(fd int, in bool) {
	switch {
	case uint(fd) >= 1<<16 || d.has(fd) == in:
	case in:
		d[fd/64].Or(1 << (fd % 64))
	default:
		d[fd/64].And(^(uint64(1) << (fd % 64)))
	}
}
