package timeline

import (
	"slices"
	"syscall"
	"testing"

	"era/lab/recording"
	"era/lab/traffic"
	"era/runnable/kit/aio"
	"era/runnable/kit/readiness"
	"era/runnable/kit/trace"
)

// layer returns an event of a coroutine or task.
func layer(kind trace.Kind, task uint32, at, took uint64, fd int32, arg uint32) trace.Event {
	e := call(kind, fd, at, took, 0, 0, arg)
	e.Task = task
	return e
}

func by(task uint32, e trace.Event) trace.Event {
	e.Task = task
	return e
}

// reasonsOf says what the tasks of a lane were parked for.
func reasonsOf(t recording.Track, lane string) (all []string) {
	for _, m := range t.Marks {
		if t.Lanes[m.Lane].Name == lane && (m.State == recording.Parked || m.State == recording.Cancelled ||
			m.State == recording.Failed) {
			all = append(all, m.Errno)
		}
	}
	return all
}

func names(t recording.Track, kind string) (all []string) {
	for _, l := range t.Lanes {
		if l.Kind == kind {
			all = append(all, l.Name)
		}
	}
	return all
}

// A server with a task per connection: one task accepts, the other serves and is named for its client.
func TestTasks(t *testing.T) {
	tl := newTimeline("slow 1")
	tl.Client(told(traffic.Connecting, 0, 0, 0))
	tl.Client(told(traffic.Connected, 0, 0, 0))
	for _, e := range []trace.Event{
		layer(trace.TaskSpawn, 1, 0, 0, -1, 0),
		by(1, call(trace.Accept, 3, 2, 0, 7, 0, 5000)),
		by(1, call(trace.SetNonblock, 7, 2, 0, 0, 0, 1)),
		layer(trace.TaskSpawn, 2, 2, 0, -1, 0),
		by(1, call(trace.Accept, 3, 3, 0, -1, syscall.EAGAIN, 0)),
		layer(trace.TaskPark, 1, 4, 0, 3, uint32(aio.ForReadable)),
		layer(trace.TaskStep, 1, 1, 3, -1, 0),
		by(2, call(trace.Read, 7, 6, 0, 8, 0, 0)),
		layer(trace.TaskPark, 2, 7, 0, 7, uint32(aio.ForReadable)),
		layer(trace.TaskStep, 2, 5, 2, -1, 0),
		by(2, call(trace.Read, 7, 50, 0, 0, 0, 0)),
		layer(trace.TaskStep, 2, 50, 5, -1, 0),
		layer(trace.TaskExit, 2, 55, 0, -1, 0),
	} {
		tl.Server(e)
	}
	tl.Finish(1060*ms, nil)
	track := tl.Track()
	if got := names(track, "task"); !slices.Equal(got, []string{"task 1 · accepts", "task 2 · slow 1"}) {
		t.Errorf("lanes %q", got)
	}
	want(t, lines(track, "task 1 · accepts"), "parked 0+1", "running 1+3", "parked 4+56")
	want(t, lines(track, "task 2 · slow 1"), "parked 2+3", "running 5+2", "parked 7+43", "running 50+5", "returned 55+0")
	if got := reasonsOf(track, "task 2 · slow 1"); !slices.Equal(got, []string{"begin", "readable"}) {
		t.Errorf("parked for %q", got)
	}
	for _, m := range track.Marks {
		if m.Call == "read" && track.Lanes[m.Lane].Kind == "thread" && track.Lanes[m.Task-1].Name != "task 2 · slow 1" {
			t.Errorf("a call without an owner: %+v", m)
		}
	}
}

// How a task ends, and what it waits for, is given in words.
func TestTaskEnds(t *testing.T) {
	tl := newTimeline()
	tl.Server(layer(trace.TaskSpawn, 1, 0, 0, -1, 0))
	tl.Server(layer(trace.TaskPark, 1, 1, 0, -1, uint32(aio.ForTime)))
	tl.Server(layer(trace.TaskStep, 1, 1, 0, -1, 0))
	tl.Server(layer(trace.TaskCancel, 1, 10, 0, -1, 0))
	tl.Server(layer(trace.TaskStep, 1, 11, 1, -1, 0))
	tl.Server(layer(trace.TaskExit, 1, 12, 0, -1, 2))
	tl.Server(layer(trace.CoCreate, 2, 0, 0, -1, 0))
	tl.Server(layer(trace.CoYield, 2, 13, 0, 9, uint32(readiness.Writable)))
	tl.Server(layer(trace.CoResume, 2, 13, 0, -1, 0))
	tl.Server(layer(trace.CoResume, 2, 20, 1, -1, 0))
	tl.Server(layer(trace.CoClose, 2, 21, 0, -1, 1))
	tl.Server(layer(trace.TaskSpawn, 3, 22, 0, -1, 0))
	tl.Server(layer(trace.TaskPark, 3, 23, 0, 9, uint32(aio.ForDrain)))
	tl.Server(layer(trace.TaskStep, 3, 23, 0, -1, 0))
	tl.Finish(1030*ms, nil)
	track := tl.Track()
	want(t, lines(track, "task 1"), "parked 0+1", "running 1+0", "parked 1+10", "cancelled 10+0", "running 11+1",
		"cancelled 12+0")
	want(t, lines(track, "coroutine 2"), "parked 0+13", "running 13+0", "parked 13+7", "running 20+1", "failed 21+0")
	want(t, lines(track, "task 3"), "parked 22+1", "running 23+0", "backpressure 23+7")
	if got := reasonsOf(track, "task 1"); !slices.Equal(got, []string{"begin", "asked", "time", ""}) {
		t.Errorf("task 1: %q", got)
	}
	if got := reasonsOf(track, "coroutine 2"); !slices.Equal(got, []string{"begin", "writable", ""}) {
		t.Errorf("coroutine 2: %q", got)
	}
}

// The words follow the order of the numbers.
func TestReasons(t *testing.T) {
	for why, text := range map[aio.Reason]string{
		aio.ForItsTurn: "turn", aio.ForFuture: "future", aio.ForTask: "task", aio.ForTime: "time",
		aio.ForReadable: "readable",
		aio.ForWritable: "writable", aio.ForQueue: "queue", aio.ForDrain: "drain", aio.ForThread: "thread", 1000: "turn",
	} {
		if got := reason(layer(trace.TaskPark, 1, 0, 0, -1, uint32(why))); got != text {
			t.Errorf("reason %d is %q, want %q", why, got, text)
		}
	}
	if readiness.Readable != readable || readiness.Writable != writable {
		t.Error("readiness has other bits")
	}
}

// Two clients ask at once on one thread: each connection to the backend belongs to the client whose task made it.
func TestBackendOfTasks(t *testing.T) {
	tl := newTimeline("crowd 1", "crowd 2")
	for client := range 2 {
		tl.Client(told(traffic.Connecting, 0, client, 0))
		tl.Client(told(traffic.Connected, 0, client, 0))
	}
	for _, e := range []trace.Event{
		by(1, call(trace.Accept, 3, 0, 0, 7, 0, 5000)), by(1, call(trace.Accept, 3, 0, 0, 8, 0, 5001)),
		layer(trace.TaskSpawn, 2, 0, 0, -1, 0), layer(trace.TaskSpawn, 3, 0, 0, -1, 0),
		by(2, call(trace.Read, 7, 1, 0, 8, 0, 0)), by(3, call(trace.Read, 8, 2, 0, 8, 0, 0)),
		by(2, call(trace.Socket, -1, 3, 0, 9, 0, 0)), by(2, call(trace.Connect, 9, 4, 0, 0, 0, 99)),
		by(3, call(trace.Socket, -1, 5, 0, 10, 0, 0)), by(3, call(trace.Connect, 10, 6, 0, 0, 0, 99)),
	} {
		tl.Server(e)
	}
	tl.Finish(1010*ms, nil)
	want(t, lines(tl.Track(), "crowd 1")[2:], "called read(7) 1+0", "called socket(-1) 3+0", "called connect(9) 4+0")
	want(t, lines(tl.Track(), "crowd 2")[2:], "called read(8) 2+0", "called socket(-1) 5+0", "called connect(10) 6+0")
}

// A task that a task makes works for the same client; a client that is known late still gives its task the name.
func TestTaskNames(t *testing.T) {
	tl := newTimeline("fast 1")
	for _, e := range []trace.Event{
		layer(trace.TaskSpawn, 2, 0, 0, -1, 0),
		by(1, call(trace.Accept, 3, 0, 0, 7, 0, 5000)),
		by(2, call(trace.Read, 7, 1, 0, 8, 0, 0)),
		layer(trace.TaskSpawn, 3, 2, 0, -1, 0),
		layer(trace.TaskStep, 2, 1, 2, -1, 0),
	} {
		tl.Server(e)
	}
	if got := tl.Take(); got.Lanes[0].Name != "task 2" {
		t.Errorf("named before its client was known: %+v", got.Lanes)
	}
	tl.Client(told(traffic.Connecting, 0, 0, 0))
	tl.Client(told(traffic.Connected, 0, 0, 0))
	again := tl.Take().Lanes
	if !slices.ContainsFunc(again, func(l recording.Lane) bool {
		return l.ID == 0 && l.Name == "task 2 · fast 1" &&
			l.Group == "fast"
	}) {
		t.Errorf("the lane is not returned again: %+v", again)
	}
	if got := names(tl.Track(), "task"); !slices.Equal(got, []string{"task 2 · fast 1", "task 3 · fast 1"}) {
		t.Errorf("lanes %q", got)
	}
}

// A buffer above its high-water mark is the client's backpressure until it is below the low one, or closed.
func TestBuffer(t *testing.T) {
	tl := newTimeline("slow 1")
	tl.Client(told(traffic.Connecting, 0, 0, 0))
	tl.Client(told(traffic.Connected, 0, 0, 0))
	tl.Client(told(traffic.Sent, 1, 0, 1))
	for _, e := range []trace.Event{
		call(trace.Accept, 3, 0, 0, 7, 0, 5000), layer(trace.BufferHigh, 0, 5, 0, 7, 90_000),
		layer(trace.BufferLow, 0, 20, 0, 7, 9_000),
		layer(trace.BufferHigh, 0, 30, 0, 7, 80_000), call(trace.Close, 7, 35, 0, 0, 0, 0),
	} {
		tl.Server(e)
	}
	tl.Advance(1040 * ms)
	want(t, lines(tl.Track(), "slow 1"), "called accept(3) 0+0", "idle 0+1", "unanswered 1+4", "backpressure 5+15",
		"unanswered 20+10",
		"backpressure 30+5", "called close(7) 35+0")
	for _, m := range tl.Track().Marks {
		if m.State == recording.Backpressure && m.Result != 90_000 && m.Result != 80_000 {
			t.Errorf("buffered %d bytes", m.Result)
		}
	}
}

// The turns of a loop are in the stretch in which the thread ran.
func TestTurns(t *testing.T) {
	tl := newTimeline()
	tl.Server(call(trace.EpollWait, 4, 0, 10, 1, 0, 64))
	tl.Server(layer(trace.LoopTurn, 0, 10, 2, -1, 3))
	tl.Server(call(trace.EpollWait, 4, 12, 0, 1, 0, 64))
	tl.Server(layer(trace.Timer, 0, 13, 0, -1, 700))
	tl.Server(layer(trace.LoopTurn, 0, 12, 2, -1, 4))
	tl.Server(call(trace.EpollWait, 4, 15, 10, 1, 0, 64))
	tl.Finish(1030*ms, nil)
	for _, m := range tl.Track().Marks {
		switch {
		case m.State == recording.Running && m.At == 10*ms && (m.Count != 2 || m.Result != 7):
			t.Errorf("ran %d turns with %d callbacks, want 2 with 7", m.Count, m.Result)
		case m.Call == "timer" && m.Result != 700:
			t.Errorf("the timer was %d µs late, want 700", m.Result)
		}
	}
	want(t, lines(tl.Track(), "thread 1"), "waiting epoll_wait(4) 0+10", "running x2 10+5", "called epoll_wait(4) 12+0",
		"called timer(-1) 13+0",
		"waiting epoll_wait(4) 15+10", "running 25+5")
}

// A thousand turns of a task with only short rests between them are one mark that counts them; a long rest stays.
func TestCompactTasks(t *testing.T) {
	track := recording.Track{Lanes: []recording.Lane{{ID: 0, Kind: "thread"}, {ID: 1, Kind: "task"}}}
	steps := 0
	for i := range int64(1000) {
		steps++
		at := i * ms / 10
		if i >= 500 {
			at += 300 * ms
		}
		track.Marks = append(track.Marks,
			recording.Mark{Lane: 1, At: at, Took: 1000, State: recording.Running, Count: 1},
			recording.Mark{Lane: 1, At: at + 1000, Took: 99_000, State: recording.Parked, Count: 1})
		if i == 499 {
			track.Marks = append(track.Marks, recording.Mark{Lane: 1, At: at + 100_000, Took: 300 * ms, State: recording.Parked,
				Count: 1})
		}
	}
	small, _ := Compact(track, 20)
	ran, rested := 0, int64(0)
	for _, m := range small.Marks {
		if m.State == recording.Running {
			ran += m.Count
		}
		if m.State == recording.Parked {
			rested = max(rested, m.Took)
		}
	}
	if len(small.Marks) > 20 || ran != steps || rested != 300*ms {
		t.Errorf("%d marks for %d of %d steps, the longest rest %d", len(small.Marks), ran, steps, rested)
	}
}
