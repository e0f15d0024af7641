package trace

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"unsafe"
)

// Reader is the lab's side of a trace file. It is for one goroutine. The server writes to the same file, and may cut it
// short, by mistake or on purpose: then reading its memory is a fault (SIGBUS, mmap(2)), after which there is nothing more
// to read: see Broken.
type Reader struct {
	m      []byte
	slots  uint64
	tail   uint64
	sites  [MaxSites]string // those that were read
	broken bool
}

// Broken tells that the trace cannot be read any more, since the server has cut its file.
func (r *Reader) Broken() bool { return r.broken }

// survive is deferred around every look at the memory, with what SetPanicOnFault(true) returned.
func (r *Reader) survive(before bool) {
	debug.SetPanicOnFault(before)
	switch fault := recover().(type) {
	case nil:
	case interface{ Addr() uintptr }: // see runtime/debug.SetPanicOnFault
		r.broken = true
	default:
		panic(fault)
	}
}

// Create makes a trace file whose ring holds the given number of events (a power of two), readable by this user
// only, and maps it. An existing file is an error.
func Create(path string, slots int) (*Reader, error) {
	if slots <= 0 || slots&(slots-1) != 0 {
		return nil, fmt.Errorf("a ring of %d events: the number must be a power of two", slots)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	// Written, not only made long: on a full disk this fails, and not the first touch of the memory, with SIGBUS.
	_, err = f.Write(make([]byte, Size(slots)))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	m, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	u32(m, offVersion).Store(Version)
	u32(m, offSlots).Store(uint32(slots))
	u64(m, offMagic).Store(Magic)
	return &Reader{m: m, slots: uint64(slots)}, nil
}

// Close unmaps the file. It does not remove it.
func (r *Reader) Close() error { return unmap(r.m) }

// Next takes the oldest event that was not taken; ok is false if there is no event now. A place that a writer claimed
// and has not finished delays the events after it, for as long as that takes: nanoseconds, or forever if the writer was
// killed right there. Then use Skip.
func (r *Reader) Next() (e Event, ok bool) {
	if r.broken {
		return e, false
	}
	defer r.survive(debug.SetPanicOnFault(true))
	p := unsafe.Pointer(&r.m[eventsAt+int(r.tail&(r.slots-1))*eventSize])
	if u64(r.m, eventsAt+int(r.tail&(r.slots-1))*eventSize+evSeq).Load() != r.tail+1 {
		u64(r.m, offTail).Store(r.tail)
		return e, false
	}
	e = Event{
		At:     *(*uint64)(unsafe.Add(p, evAt)),
		Took:   *(*uint64)(unsafe.Add(p, evTook)),
		Thread: *(*uint32)(unsafe.Add(p, evThread)),
		Kind:   Kind(*(*uint16)(unsafe.Add(p, evKind))),
		Site:   r.site(*(*uint16)(unsafe.Add(p, evSite))),
		FD:     *(*int32)(unsafe.Add(p, evFD)),
		Result: *(*int32)(unsafe.Add(p, evResult)),
		Errno:  *(*int32)(unsafe.Add(p, evErrno)),
		Arg:    *(*uint32)(unsafe.Add(p, evArg)),
		Task:   *(*uint32)(unsafe.Add(p, evTask)),
	}
	r.tail++
	if r.tail%64 == 0 { // not each time: the writers look at the tail for every event, and would wait for its memory
		u64(r.m, offTail).Store(r.tail)
	}
	return e, true
}

// Skip skips one place that was claimed and never finished. It reports false when nothing is claimed. Use it only when
// the server is dead.
func (r *Reader) Skip() bool {
	if r.broken {
		return false
	}
	defer r.survive(debug.SetPanicOnFault(true))
	if r.tail >= u64(r.m, offHead).Load() {
		return false
	}
	r.tail++
	u64(r.m, offTail).Store(r.tail)
	return true
}

// Dropped is how many events found the ring full.
func (r *Reader) Dropped() (n uint64) {
	if !r.broken {
		defer r.survive(debug.SetPanicOnFault(true))
		n = u64(r.m, offDropped).Load()
	}
	return n
}

// Counts is how often each call returned: exact, dropped events included. Calls still under way are not in it.
func (r *Reader) Counts() map[Kind]uint64 {
	counts := map[Kind]uint64{}
	if r.broken {
		return counts
	}
	defer r.survive(debug.SetPanicOnFault(true))
	for _, k := range Kinds() {
		if n := u64(r.m, offCounts+int(k)*8).Load(); n > 0 {
			counts[k] = n
		}
	}
	return counts
}

// InCall lists the calls that threads are in at this moment: events without Took and Result.
func (r *Reader) InCall() (calls []Event) {
	if r.broken {
		return nil
	}
	defer r.survive(debug.SetPanicOnFault(true))
	for i := range MaxThreads {
		at := threadsAt + i*threadSize
		thread, since := u32(r.m, at).Load(), u64(r.m, at+16).Load()
		if thread == 0 || since == 0 {
			continue
		}
		p := unsafe.Pointer(&r.m[at])
		e := Event{
			At: since, Thread: thread,
			Kind: Kind(*(*uint16)(unsafe.Add(p, 4))),
			Site: r.site(*(*uint16)(unsafe.Add(p, 6))),
			FD:   *(*int32)(unsafe.Add(p, 8)),
		}
		if u64(r.m, at+16).Load() == since { // still in the same call, so the fields belong together
			calls = append(calls, e)
		}
	}
	return calls
}

func (r *Reader) site(n uint16) string {
	if n == 0 || n > MaxSites {
		return ""
	}
	if r.sites[n-1] == "" {
		r.sites[n-1] = r.readSite(n)
	}
	return r.sites[n-1]
}

func (r *Reader) readSite(n uint16) string {
	if known := r.sites[n-1]; known != "" {
		return known
	}
	at := sitesAt + int(n-1)*siteSize
	if u32(r.m, at).Load() != siteReady {
		return ""
	}
	text, _, _ := bytes.Cut(r.m[at+4:at+siteSize], []byte{0})
	r.sites[n-1] = string(text)
	return r.sites[n-1]
}
