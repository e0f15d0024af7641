package trace

import "strconv"

// A trace file is memory that a server and the lab share: the lab makes the file and reads it while the server
// writes. All numbers are little-endian. trace.h in this folder says the same for C; a test holds the two together.
//
//	header   one page: what this is, where writer and reader stand, how often each call was made
//	sites    the source lines that made the events, as paths below runnable: "select/main.go:57"; "@4711" is an offset
//	         into a C program, which the lab turns into a line with the program's debug information
//	threads  for each thread the call that it is in now, so that a blocked call can be seen before it ends
//	events   the ring
const (
	Magic   = 0x4543415254415245 // "ERATRACE"
	Version = 1

	offMagic   = 0
	offVersion = 8
	offSlots   = 12 // number of events that the ring holds, a power of two
	offPID     = 16
	offHead    = 64  // events claimed by writers since the start
	offTail    = 128 // events that the reader has taken; it alone writes this
	offDropped = 192 // events that found the ring full
	offSites   = 200 // sites in use
	offCounts  = 256 // calls by kind, exact even when events were dropped
	maxKinds   = 64

	sitesAt   = 4096
	MaxSites  = 256
	siteSize  = 128 // u32 state (0 free, 1 being written, 2 ready), then text ended by a zero
	siteReady = 2
	maxSite   = siteSize - 4 - 1 // bytes of its text

	threadsAt  = sitesAt + MaxSites*siteSize
	MaxThreads = 16384
	threadSize = 32 // u32 thread, u16 kind, u16 site, i32 fd, u32 arg, u64 since (0: in no call), u64 spare

	eventsAt  = threadsAt + MaxThreads*threadSize
	eventSize = 64
)

// The fields of an event, as offsets into its 64 bytes.
const (
	evSeq    = 0  // u64: number of the event, from 1; written last, so it also says that the event is whole
	evAt     = 8  // u64: CLOCK_MONOTONIC in ns when the call began
	evTook   = 16 // u64: ns until it returned
	evThread = 24 // u32
	evKind   = 28 // u16
	evSite   = 30 // u16: index into the sites, plus 1; 0 is unknown
	evFD     = 32 // i32: -1 where there is none
	evResult = 36 // i32: what the call returned
	evErrno  = 40 // i32: 0 is success
	evArg    = 44 // u32: see Event.Arg
	evTask   = 48 // u32: coroutine or task, 0 for none
)

// Size is the length in bytes of a trace file whose ring holds the given number of events.
func Size(slots int) int { return eventsAt + slots*eventSize }

// Kind says which call an event is about.
type Kind uint16

// The kinds of events. Their numbers are part of the file format.
const (
	None Kind = iota
	Socket
	Bind
	Listen
	Accept
	Connect
	Read  // read, recv, recvfrom
	Write // write, send, sendto
	Close
	SetNonblock // fcntl(F_SETFL), ioctl(FIONBIO)
	GetSockOpt
	SetSockOpt
	Select // select, pselect6
	Poll
	ThreadStart
	ThreadExit
	Shutdown
	Sleep
	Pipe
	EpollCreate
	EpollCtl
	EpollWait
	Kqueue
	Kevent

	// What the layers above the system calls do. A coroutine's step is the time from its resumption to its yield.
	CoCreate
	CoResume
	CoYield
	CoClose
	TaskSpawn
	TaskStep
	TaskPark
	TaskCancel
	TaskExit
	LoopTurn
	Timer
	BufferHigh
	BufferLow

	// Calls again: numbers are given once, in the order in which they were needed.
	RecvFrom // recvfrom that asks for the sender
	SendTo   // sendto with an address
	endOfKinds
)

var kindNames = [...]string{
	"none", "socket", "bind", "listen", "accept", "connect", "read", "write", "close", "setnonblock",
	"getsockopt", "setsockopt", "select", "poll", "thread", "thread-exit", "shutdown", "sleep", "pipe",
	"epoll_create", "epoll_ctl", "epoll_wait", "kqueue", "kevent",
	"co-create", "co-resume", "co-yield", "co-close", "task-spawn", "task-step", "task-park", "task-cancel", "task-exit",
	"loop-turn", "timer", "buffer-high", "buffer-low",
	"recvfrom", "sendto",
}

// String is the call's name as the man pages have it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind-" + strconv.Itoa(int(k))
}

// IsCall tells whether such an event is a system call; otherwise it is a thread's, or a layer's above.
func (k Kind) IsCall() bool {
	return k < CoCreate && k != ThreadStart && k != ThreadExit || k == RecvFrom || k == SendTo
}

// Known tells whether there is such a kind.
func (k Kind) Known() bool { return None < k && k < endOfKinds }

// Kinds are all kinds of events, in the order of their numbers.
func Kinds() []Kind {
	all := make([]Kind, 0, endOfKinds)
	for k := None + 1; k < endOfKinds; k++ {
		all = append(all, k)
	}
	return all
}

// Event is one call of a server, as it was written to the trace.
type Event struct {
	At     uint64 // CLOCK_MONOTONIC, ns
	Took   uint64 // ns
	Thread uint32
	Kind   Kind
	Site   string // "select/main.go:57", "@4711" in a C program, "" if unknown
	FD     int32  // -1 for no descriptor
	Result int32
	Errno  int32
	// Arg depends on the kind. Accept, Connect, RecvFrom and SendTo: the peer's port. Select and Poll: how many descriptors
	// were watched. SetNonblock: 1 for on. GetSockOpt: the value. Socket calls otherwise: 0.
	// EpollCtl: the events asked for. EpollWait and Kevent: the room for events. LoopTurn: callbacks run. Timer: how late
	// it was, in µs. TaskPark: why (aio.Reason). CoClose and TaskExit: 0 returned, 1 failed, 2 cancelled or closed.
	// BufferHigh and BufferLow: the buffer's bytes.
	Arg  uint32
	Task uint32 // the coroutine or task that the thread worked for, from 1; 0 for no task
}
