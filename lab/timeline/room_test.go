package timeline

import (
	"syscall"
	"testing"

	"era/lab/traffic"
	"era/runnable/kit/trace"
)

// A reply that comes in pieces is under way from its first byte to its last.
func TestUnderWay(t *testing.T) {
	tl := newTimeline("readers 1")
	tl.Untraced = true
	for _, e := range []traffic.Event{
		told(traffic.Connecting, 0, 0, 0), told(traffic.Connected, 0, 0, 0), told(traffic.Sent, 1, 0, 1),
		told(traffic.Started, 5, 0, 1), told(traffic.Answered, 90, 0, 1),
		told(traffic.Sent, 91, 0, 2), told(traffic.Started, 92, 0, 2), told(traffic.Failed, 95, 0, 2),
		told(traffic.Closed, 96, 0, 0),
	} {
		tl.Client(e)
	}
	tl.Finish(1100*ms, nil)
	want(t, lines(tl.Track(), "readers 1"), "idle 0+1", "unanswered 1+4", "answering 5+85", "answered 90+0", "idle 90+1",
		"unanswered 91+1", "answering 92+3", "failed 95+0", "idle 95+1")
}

// A member that only listens asks nothing and waits for no reply. A member that does not listen keeps the server
// waiting as soon as the server has more for it than the kernel takes.
func TestMembers(t *testing.T) {
	tl := newTimeline("listeners 1", "laggard 1")
	for client := range 2 {
		tl.Client(told(traffic.Connecting, 0, client, 0))
		tl.Client(told(traffic.Connected, 0, client, 0))
		tl.Server(call(trace.Accept, 3, 0, 0, 7+int32(client), 0, uint32(5000+client)))
	}
	tl.Server(call(trace.Write, 8, 30, 0, -1, syscall.EAGAIN, 0))
	for _, e := range []traffic.Event{
		told(traffic.Heard, 10, 0, 1), told(traffic.Holding, 10, 1, 0), told(traffic.Resumed, 60, 1, 0),
		told(traffic.Heard, 61, 1, 1), told(traffic.Closed, 70, 0, 0), told(traffic.Closed, 70, 1, 0),
	} {
		tl.Client(e)
	}
	tl.Finish(1100*ms, nil)
	want(t, lines(tl.Track(), "listeners 1"), "called accept(3) 0+0", "idle 0+70")
	want(t, lines(tl.Track(), "laggard 1"), "called accept(3) 0+0", "idle 0+10", "paused 10+20", "again write(8) 30+0",
		"backpressure 30+30", "idle 60+10")
}
