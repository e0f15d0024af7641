package lab

import (
	"fmt"
	"runtime"
	"time"

	"era/lab/words"
	"era/runnable/kit/trace"
)

// A trace is memory that the server writes, so it may say anything. What is impossible is not shown: a trace with one
// impossible event is not believed at all.
const (
	clocksApart = int64(time.Second) // clocks of processes differ by some ns; a time further ahead is impossible
	maxErrno    = 4095               // MAX_ERRNO of Linux; macOS has fewer
	maxThread   = 1 << 22            // PID_MAX_LIMIT of Linux
	quickest    = 20                 // ns: no system call returns sooner
)

// impossible says why the event cannot be; "" if it can.
func (w *watched) impossible(e trace.Event, now int64) string {
	took := e.Kind.String()
	switch {
	case !e.Kind.Known():
		return fmt.Sprintf("it has a call of kind %d, and there is none", e.Kind)
	case int64(e.At) < w.created || int64(e.At) > now+clocksApart || int64(e.Took) < 0 ||
		int64(e.Took) > now-int64(e.At)+clocksApart:
		return fmt.Sprintf("it has a %s at a time when there was no server", took)
	case e.Errno < 0 || e.Errno > maxErrno:
		return fmt.Sprintf("it has a %s with error number %d, and there is none", took, e.Errno)
	case e.Errno == 0 && w.files > 0 && max(e.FD, opened(e)) >= int32(w.files):
		return fmt.Sprintf("it has a %s with descriptor %d, and the server may have %d", took, max(e.FD, opened(e)), w.files)
	case e.Errno == 0 && e.FD < -1: // -1 means no descriptor
		return fmt.Sprintf("it has a %s with descriptor %d, and there is none", took, e.FD)
	case e.Thread == 0 || runtime.GOOS == "linux" && e.Thread > maxThread:
		return fmt.Sprintf("it has a %s of thread %d, and no thread has that number", took, e.Thread)
	case addressed(e.Kind) && e.Arg > 65535:
		return fmt.Sprintf("it has a %s with port %d, and there is none", took, e.Arg)
	}
	return ""
}

// opened returns the descriptor that the call has opened, if it has.
func opened(e trace.Event) int32 {
	if e.Kind == trace.Accept || e.Kind == trace.Socket {
		return e.Result
	}
	return -1
}

// addressed reports whether the event's Arg is a port.
func addressed(k trace.Kind) bool {
	return k == trace.Accept || k == trace.Connect || k == trace.RecvFrom || k == trace.SendTo
}

// miscounted says why the numbers of a trace cannot be; "" if they can. Every event is counted once, and is then in the
// ring or dropped. dropped is how many were dropped when the counts were read, at least and at most.
func (w *watched) miscounted(counts map[trace.Kind]uint64, dropped [2]uint64, now int64) string {
	var counted float64 // no sum of these overflows
	for _, n := range counts {
		counted += float64(n)
	}
	possible := w.possible(now)
	const underWay = ring + trace.MaxThreads // counted and not yet in the ring, or not yet taken from there
	told := float64(w.timeline.Kept())
	switch {
	case max(counted, float64(dropped[1])) > float64(possible):
		return fmt.Sprintf("it counts %.3g calls in %s", max(counted, float64(dropped[1])),
			words.Duration(time.Duration(now-w.created)))
	case counted-float64(dropped[1])-told > underWay, told+float64(dropped[0])-counted > underWay:
		return fmt.Sprintf("it counts %s events, tells of %s, and has dropped %s", words.Number(int64(counted)), words.Number(int64(told)),
			words.Number(int64(dropped[1])))
	case w.timeline.Threads() > trace.MaxThreads:
		return fmt.Sprintf("it has %s threads at once", words.Number(w.timeline.Threads()))
	}
	return ""
}

// possible returns how many calls all processors together can have made.
func (w *watched) possible(now int64) int64 {
	return (now - w.created) / quickest * int64(runtime.NumCPU())
}
