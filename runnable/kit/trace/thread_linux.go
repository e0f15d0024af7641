package trace

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

var (
	manyThreads atomic.Bool // set by the first ThreadStart
	mainThread  = uint32(unix.Gettid())
)

// threadID is the number of the calling thread as ps -L and strace show it (gettid(2)). A server that never started
// a thread makes all its calls on its first, so the call is saved there: it would cost as much as the rest.
func threadID() uint32 {
	if !manyThreads.Load() {
		return mainThread
	}
	return uint32(unix.Gettid())
}
