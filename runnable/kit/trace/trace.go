// Package trace records what a server does while it does it. Every call that goes through kit/sys leaves an event:
// which call, on which descriptor, from which source line, on which thread, when, for how long, with what result.
//
// A server traces when the environment variable ERA_TRACE names a file that the lab has made (see layout.go). The
// file is mapped into both processes, so an event costs no system call, and what a server did last can be read even
// when it was killed. A writer never waits: when the ring is full the event is dropped and counted.
package trace

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Env names the environment variable that holds the path of the trace file. Unset: nothing is traced.
const Env = "ERA_TRACE"

// memory is the mapped trace file; nil when this process is not traced.
var memory []byte

var (
	slots         uint64         // events that the ring holds
	started, base = bothClocks() // the clock of this process, and the system's clock at the same moment
)

// bothClocks reads two clocks at the same moment, as nearly as can be had: of a few tries, the one with the least
// time between. The times of all processes are compared, and a process may lose the processor between two readings.
func bothClocks() (own time.Time, system uint64) {
	least := uint64(math.MaxUint64)
	for range 8 {
		before, now := monotonicNow(), time.Now()
		if took := monotonicNow() - before; took < least {
			own, system, least = now, before+took/2, took
		}
	}
	return own, system
}

func init() {
	path := os.Getenv(Env)
	if path == "" {
		return
	}
	// A server that cannot be traced still serves: the trace is for watching, never a condition.
	m, err := mapFile(path)
	if err == nil {
		err = checkHeader(m)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "not traced: %v\n", err)
		return
	}
	slots = uint64(u32(m, offSlots).Load())
	u32(m, offPID).Store(uint32(os.Getpid()))
	memory = m
}

func checkHeader(m []byte) error {
	if len(m) < eventsAt || u64(m, offMagic).Load() != Magic || u32(m, offVersion).Load() != Version {
		return fmt.Errorf("%s is not a version %d trace file", os.Getenv(Env), Version)
	}
	if n := int(u32(m, offSlots).Load()); n == 0 || n&(n-1) != 0 || len(m) < Size(n) {
		return fmt.Errorf("%s: a ring of %d events does not fit its %d bytes", os.Getenv(Env), n, len(m))
	}
	return nil
}

// Call is a call that has begun and not yet ended.
type Call struct {
	at     uint64
	thread uint32
	slot   int32
	site   uint16
	kind   Kind
	fd     int32
	task   uint32
}

// Begin notes that the calling thread enters a call on fd (-1: none). The source line is the one that called the
// caller of Begin: kit/sys calls Begin, so it is the line of the server.
//
//go:noinline
func Begin(kind Kind, fd int) (c Call) {
	if memory == nil {
		return c
	}
	c = Call{thread: threadID(), kind: kind, fd: int32(fd), site: callSite(returnAddress())}
	c.slot, c.task = threadSlot(c.thread), taskOf(c.thread)
	c.at = now()
	if c.slot >= 0 {
		t := threadsAt + int(c.slot)*threadSize
		*(*uint16)(unsafe.Pointer(&memory[t+4])) = uint16(kind)
		*(*uint16)(unsafe.Pointer(&memory[t+6])) = c.site
		*(*int32)(unsafe.Pointer(&memory[t+8])) = int32(fd)
		u64(memory, t+16).Store(c.at)
	}
	return c
}

// End notes that the call returned, and writes its event. errno is 0 on success; for arg see Event.Arg.
func (c Call) End(result int, errno int, arg uint32) {
	if memory == nil || c.kind == None {
		return
	}
	took := now() - c.at
	// Counted first: between the two a writer may be killed, and a call must always be either in progress or counted.
	// The time between is long when the kernel has just written the file to disk: then each page is a fault once more.
	u64(memory, offCounts+int(c.kind)*8).Add(1)
	if c.slot >= 0 {
		u64(memory, threadsAt+int(c.slot)*threadSize+16).Store(0)
	}
	write(c, took, int32(result), int32(errno), arg)
}

// Note writes an event that has no duration: a thread that starts or ends.
func Note(kind Kind, arg uint32) {
	if kind == ThreadStart {
		manyThreads.Store(true)
	}
	if memory == nil {
		return
	}
	c := Call{at: now(), thread: threadID(), kind: kind, fd: -1}
	u64(memory, offCounts+int(kind)*8).Add(1)
	write(c, 0, 0, 0, arg)
	if kind == ThreadExit {
		if slot := threadSlot(c.thread); slot >= 0 {
			u32(memory, threadsAt+int(slot)*threadSize).Store(0)
		}
	}
}

// write claims a place in the ring and fills it. Claiming is a compare-and-swap, because a place may only be
// claimed while it is free: a writer that ran past the reader would spoil events not yet read.
func write(c Call, took uint64, result, errno int32, arg uint32) {
	head, tail := u64(memory, offHead), u64(memory, offTail)
	n := head.Load()
	for {
		if n-tail.Load() >= slots {
			u64(memory, offDropped).Add(1)
			return
		}
		if head.CompareAndSwap(n, n+1) {
			break
		}
		n = head.Load()
	}
	e := unsafe.Pointer(&memory[eventsAt+int(n&(slots-1))*eventSize])
	*(*uint64)(unsafe.Add(e, evAt)) = c.at
	*(*uint64)(unsafe.Add(e, evTook)) = took
	*(*uint32)(unsafe.Add(e, evThread)) = c.thread
	*(*uint16)(unsafe.Add(e, evKind)) = uint16(c.kind)
	*(*uint16)(unsafe.Add(e, evSite)) = c.site
	*(*int32)(unsafe.Add(e, evFD)) = c.fd
	*(*int32)(unsafe.Add(e, evResult)) = result
	*(*int32)(unsafe.Add(e, evErrno)) = errno
	*(*uint32)(unsafe.Add(e, evArg)) = arg
	*(*uint32)(unsafe.Add(e, evTask)) = c.task
	(*atomic.Uint64)(unsafe.Add(e, evSeq)).Store(n + 1)
}

// now is CLOCK_MONOTONIC in nanoseconds, the one clock of all traced processes and of the lab.
func now() uint64 { return base + uint64(time.Since(started)) }

// Now is the time on the clock of the trace: CLOCK_MONOTONIC in nanoseconds (clock_gettime(2)).
func Now() uint64 { return now() }

// threadSlot finds or takes the calling thread's place in the table of threads; -1 when its neighbourhood is full.
func threadSlot(thread uint32) int32 {
	for i := uint32(0); i < 16; i++ {
		slot := (thread + i) % MaxThreads
		owner := u32(memory, threadsAt+int(slot)*threadSize)
		if id := owner.Load(); id == thread || id == 0 && owner.CompareAndSwap(0, thread) {
			return int32(slot)
		}
	}
	return -1
}

var sites sync.Map // uintptr -> uint16

// callSite is the number of the source line that a return address belongs to, plus one; 0 if there is no room.
func callSite(pc uintptr) uint16 {
	if site, ok := sites.Load(pc); ok {
		return site.(uint16)
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	site, _ := sites.LoadOrStore(pc, addFrame(frame))
	return site.(uint16)
}

// addFrame adds the source line of a frame; 0 when its file is not below runnable.
func addFrame(frame runtime.Frame) uint16 {
	file, ok := Below(frame.File)
	if !ok {
		return 0
	}
	return addSite(fmt.Sprintf("%s:%d", file, frame.Line))
}

// Below cuts off a path what precedes runnable's own files: "/home/me/era/runnable/select/main.go" becomes
// "select/main.go". The last folder called runnable counts: the repository may lie in another.
func Below(file string) (string, bool) {
	if i := strings.LastIndex(file, "/runnable/"); i >= 0 {
		return file[i+len("/runnable/"):], true
	}
	return strings.CutPrefix(file, "runnable/")
}

// addSite writes a source line into the table and returns its index plus one; 0 when the table is full, or the line's
// file is too deep: half a path would be another file's.
func addSite(text string) uint16 {
	if len(text) > maxSite {
		return 0
	}
	n := u32(memory, offSites).Add(1)
	if n > MaxSites {
		return 0
	}
	at := sitesAt + int(n-1)*siteSize
	copy(memory[at+4:at+4+maxSite], text)
	u32(memory, at).Store(siteReady)
	return uint16(n)
}

func u64(m []byte, at int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&m[at])) }
func u32(m []byte, at int) *atomic.Uint32 { return (*atomic.Uint32)(unsafe.Pointer(&m[at])) }
