package trace

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// working is the thread that runs coroutines, in the upper half, and the one that it runs now, in the lower.
var working atomic.Uint64

// On tells whether this process is traced.
func On() bool { return memory != nil }

// WorkFor says that the calling thread works for a coroutine or task from now on, 0 for none: the calls it makes carry
// that number. It returns whom the thread worked for before. One thread of a process may run coroutines.
func WorkFor(task uint32) (before uint32) {
	if memory == nil {
		return 0
	}
	thread := threadID()
	before = taskOf(thread)
	working.Store(uint64(thread)<<32 | uint64(task))
	return before
}

func taskOf(thread uint32) uint32 {
	if w := working.Load(); uint32(w>>32) == thread {
		return uint32(w)
	}
	return 0
}

// Step writes an event of a layer above the system calls: of a coroutine, task, loop or buffer. since is when it began
// (see Now); 0 for an event without duration. fd is -1 where there is none; for arg see Event.Arg.
func Step(kind Kind, task uint32, since uint64, fd int, arg uint32) {
	if memory == nil {
		return
	}
	c := Call{at: now(), thread: threadID(), kind: kind, fd: int32(fd), task: task}
	var took uint64
	switch kind {
	case CoCreate, CoYield, TaskSpawn, TaskPark:
		c.site = outsideKit()
	}
	if since != 0 {
		took, c.at = c.at-since, since
	}
	u64(memory, offCounts+int(kind)*8).Add(1)
	write(c, took, 0, 0, arg)
}

var outside sync.Map // uintptr -> uint16: the site that a return address belongs to; 0 for the kit's and Go's own

// outsideKit is the site of the innermost line that is neither the kit's nor Go's own: the line of a server that
// made a coroutine, or waits in it. 0 when all callers are the kit's.
func outsideKit() uint16 {
	var pcs [24]uintptr
	for _, pc := range pcs[:callers(&pcs)] {
		site, known := outside.Load(pc)
		if !known {
			site, _ = outside.LoadOrStore(pc, siteOutside(pc))
		}
		if site != uint16(0) {
			return site.(uint16)
		}
	}
	return 0
}

// siteOutside looks at all functions that were inlined at the address.
func siteOutside(pc uintptr) uint16 {
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "main.") ||
			strings.HasPrefix(frame.Function, "era/") && !strings.HasPrefix(frame.Function, "era/runnable/kit/") {
			return addFrame(frame)
		}
		if !more {
			return 0
		}
	}
}
