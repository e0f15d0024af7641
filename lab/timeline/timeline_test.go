package timeline

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

const ms = 1_000_000

func newTimeline(clients ...string) *Timeline {
	var all []scenario.Client
	for _, name := range clients {
		group, _, _ := strings.Cut(name, " ")
		all = append(all, scenario.Client{Name: name, Group: group})
	}
	return New(1000*ms, all, func(string) (recording.Site, bool) { return recording.Site{File: "main.go", Line: 7}, true })
}

// lines formats the marks of a lane: "blocked read(7) 10+20", in ms.
func lines(t recording.Track, lane string) []string {
	var all []string
	for _, l := range t.Lanes {
		if l.Name != lane {
			continue
		}
		marks := slices.Clone(t.Marks)
		slices.SortStableFunc(marks, func(a, b recording.Mark) int { return int(a.At - b.At) })
		for _, m := range marks {
			if m.Lane != l.ID {
				continue
			}
			text := string(m.State)
			if m.Call != "" {
				text += fmt.Sprintf(" %s(%d)", m.Call, m.FD)
			}
			if m.Count > 1 {
				text += fmt.Sprintf(" x%d", m.Count)
			}
			all = append(all, fmt.Sprintf("%s %d+%d", text, m.At/ms, m.Took/ms))
		}
	}
	return all
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("drawn\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func call(kind trace.Kind, fd int32, at, took uint64, result int32, errno syscall.Errno, arg uint32) trace.Event {
	return trace.Event{Kind: kind, FD: fd, At: 1000*ms + at*ms, Took: took * ms, Thread: 5, Result: result,
		Errno: int32(errno), Arg: arg, Site: "x/main.go:7"}
}

func told(what traffic.What, at int64, client, request int) traffic.Event {
	return traffic.Event{What: what, At: 1000*ms + at*ms, Client: client, Port: 5000 + client, Request: request}
}

// A blocking server: the slow client holds it, the fast one waits in the queue.
func TestOneSlow(t *testing.T) {
	tl := newTimeline("slow 1", "fast 1")
	for _, e := range []traffic.Event{
		told(traffic.Connecting, 0, 0, 0), told(traffic.Connected, 0, 0, 0), told(traffic.Begun, 1, 0, 1),
		told(traffic.Connecting, 5, 1, 0), told(traffic.Connected, 5, 1, 0), told(traffic.Sent, 5, 1, 1),
		told(traffic.Failed, 90, 1, 1), told(traffic.Closed, 90, 1, 0),
		told(traffic.Sent, 100, 0, 1), told(traffic.Answered, 102, 0, 1), told(traffic.Closed, 102, 0, 0),
	} {
		tl.Client(e)
	}
	tl.Server(call(trace.Accept, 3, 0, 1, 7, 0, 5000))
	tl.Server(call(trace.Read, 7, 2, 0, 8, 0, 0))
	tl.Server(call(trace.Read, 7, 3, 98, 20, 0, 0))
	tl.Server(call(trace.Write, 7, 101, 0, 9, 0, 0))
	tl.Server(call(trace.Close, 7, 103, 0, 0, 0, 0))
	tl.Finish(1110*ms, []trace.Event{call(trace.Accept, 3, 104, 0, 0, 0, 0)})
	want(t, lines(tl.Track(), "thread 1"),
		"blocked accept(3) 0+1", "running 1+2", "called read(7) 2+0", "blocked read(7) 3+98",
		"called write(7) 101+0", "running 101+3", "called close(7) 103+0", "blocked accept(3) 104+6")
	want(t, lines(tl.Track(), "slow 1"), "queued 0+1", "paused 1+99",
		"called read(7) 2+0", "blocked read(7) 3+98", "unanswered 100+2", "called write(7) 101+0", "answered 102+0",
		"called close(7) 103+0")
	want(t, lines(tl.Track(), "fast 1"), "queued 5+85", "failed 90+0")
}

// A server that dies in a call does not return from it: the thread was blocked to the end, not running.
func TestDiesInACall(t *testing.T) {
	tl := newTimeline("slow 1", "fast 1")
	for client := range 2 {
		tl.Client(told(traffic.Connecting, 0, client, 0))
		tl.Client(told(traffic.Connected, 0, client, 0))
	}
	tl.Server(call(trace.Accept, 3, 0, 1, 7, 0, 5000))
	tl.Server(trace.Event{Kind: trace.TaskSpawn, At: 1002 * ms, Thread: 5, Task: 1, FD: -1})
	tl.Server(call(trace.Read, 7, 2, 0, 8, 0, 0))
	tl.Died(1050*ms, []trace.Event{call(trace.Read, 7, 3, 0, 0, 0, 0)})
	tl.Client(told(traffic.Failed, 51, 1, 1))
	tl.Client(told(traffic.Closed, 51, 1, 0))
	tl.Finish(1060*ms, nil)
	track := tl.Track()
	want(t, lines(track, "thread 1"), "blocked accept(3) 0+1", "running 1+2", "called read(7) 2+0", "blocked read(7) 3+47")
	want(t, lines(track, "slow 1"), "queued 0+1", "idle 1+59", "called read(7) 2+0", "blocked read(7) 3+47")
	var cut []string
	for _, m := range track.Marks {
		if track.CutOff(m, 60*ms) {
			cut = append(cut, track.Lanes[m.Lane].Name+" "+string(m.State))
		}
	}
	slices.Sort(cut)
	want(t, cut, "slow 1 blocked", "slow 1 idle", "task 1 parked", "thread 1 blocked")
	if track.Died != 50*ms || tl.Take().Died != 50*ms {
		t.Errorf("died at %d", track.Died)
	}
}

// The accept may be seen before the client has reported its port.
func TestAcceptedBeforeKnown(t *testing.T) {
	tl := newTimeline("fast 1")
	tl.Server(call(trace.Accept, 3, 1, 0, 7, 0, 5000))
	tl.Server(call(trace.Read, 7, 2, 0, 8, 0, 0))
	tl.Client(told(traffic.Connecting, 0, 0, 0))
	tl.Client(told(traffic.Connected, 1, 0, 0))
	tl.Client(told(traffic.Closed, 4, 0, 0))
	tl.Finish(1010*ms, nil)
	want(t, lines(tl.Track(), "fast 1"), "called accept(3) 1+0", "idle 1+3", "called read(7) 2+0")
}

// Calls of a thread on its connection to the backend are drawn on the lane of the client it asks for.
func TestBackend(t *testing.T) {
	tl := newTimeline("crowd 1")
	tl.Client(told(traffic.Connecting, 0, 0, 0))
	tl.Client(told(traffic.Connected, 0, 0, 0))
	for _, e := range []trace.Event{
		call(trace.Accept, 3, 0, 0, 7, 0, 5000), call(trace.Read, 7, 1, 0, 8, 0, 0), call(trace.Socket, -1, 2, 0, 8, 0, 0),
		call(trace.Connect, 8, 3, 0, 0, 0, 99), call(trace.Read, 8, 4, 50, 5, 0, 0), call(trace.Close, 8, 55, 0, 0, 0, 0),
		call(trace.Read, 8, 56, 0, 0, syscall.EBADF, 0),
	} {
		tl.Server(e)
	}
	tl.Advance(1060 * ms)
	got := lines(tl.Track(), "crowd 1")
	want(t, got, "called accept(3) 0+0", "called read(7) 1+0", "called socket(-1) 2+0", "called connect(8) 3+0",
		"blocked read(8) 4+50", "called close(8) 55+0")
}

// A million polls become a few marks that count them all.
func TestPollingIsMerged(t *testing.T) {
	tl := newTimeline()
	const polls = 100_000
	for i := range polls {
		e := call(trace.Accept, 3, 0, 0, -1, syscall.EAGAIN, 0)
		e.At += uint64(i) * 1000 // ns
		tl.Server(e)
	}
	tl.Finish(1100*ms, nil)
	count := 0
	for _, m := range tl.Track().Marks {
		if m.State == recording.Again {
			count += m.Count
		}
	}
	if n := len(tl.Track().Marks); count != polls || n > 10 || tl.Again() != polls {
		t.Errorf("%d marks count %d polls of %d", n, count, tl.Again())
	}
}

// A server that makes very many calls has marks that count them, from some number of marks on. None is lost.
func TestVeryManyCallsAreSummedUp(t *testing.T) {
	tl := newTimeline()
	const calls = 5 * detailed
	for i := range calls {
		e := call(trace.Read, 7, 0, 0, 8, 0, 0)
		e.At += uint64(i) * 1000 // ns
		tl.Server(e)
		if i%1000 == 0 {
			tl.Advance(int64(e.At))
		}
	}
	tl.Finish(1000*ms+calls*1000, nil)
	count, after := 0, 0
	for _, m := range tl.Track().Marks {
		if m.State == recording.Called {
			count += m.Count
		}
		if m.At > 2*detailed*1000 {
			after++
		}
	}
	if n := len(tl.Track().Marks); count != calls || n < detailed || after > 1000 || tl.Lost() > 0 {
		t.Errorf("%d marks, %d of them at the end, count %d calls of %d; %d are lost", n, after, count, calls, tl.Lost())
	}
}

// Summing up changes no number of calls, and leaves what waited, and the list, as they are.
func TestSum(t *testing.T) {
	var marks []recording.Mark
	for i := range int64(1000) {
		marks = append(marks,
			recording.Mark{Lane: int(i % 2), At: i * ms / 10, State: recording.Called, Call: "read", Count: 1},
			recording.Mark{Lane: 2, At: i * ms / 10, Took: ms, State: recording.Blocked, Call: "read", Count: 1},
			recording.Mark{Lane: 3, At: i * ms / 10, State: recording.Answered, Count: 1})
	}
	before, count := slices.Clone(marks), map[int]int{}
	sum := Sum(marks)
	for _, m := range sum {
		count[m.Lane] += m.Count
	}
	if len(sum) > 2020 || count[0] != 500 || count[1] != 500 || count[2] != 1000 || count[3] != 1000 ||
		!slices.Equal(marks, before) {
		t.Errorf("%d marks count %v", len(sum), count)
	}
}

// Events of the layers above the system calls do not disturb the thread's lane: it waited in epoll_wait all the time.
// Events of no task make no lane.
func TestLayersAreNoCalls(t *testing.T) {
	tl := newTimeline()
	for _, kind := range trace.Kinds() {
		if kind >= trace.CoCreate && !kind.IsCall() {
			tl.Server(call(kind, -1, 1, 0, 0, 0, 0))
		}
	}
	tl.Server(call(trace.EpollWait, -1, 0, 50, 1, 0, 1))
	tl.Finish(1050*ms, nil)
	want(t, lines(tl.Track(), "thread 1"), "waiting epoll_wait(-1) 0+50", "called timer(-1) 1+0")
	if len(tl.Track().Lanes) != 1 {
		t.Errorf("lanes: %+v", tl.Track().Lanes)
	}
}

// A call on a non-blocking descriptor cannot have waited, however long it took.
func TestNonblockingNeverBlocks(t *testing.T) {
	tl := newTimeline()
	tl.Server(call(trace.SetNonblock, 7, 0, 0, 0, 0, 1))
	tl.Server(call(trace.Read, 7, 1, 30, 5, 0, 0))
	tl.Server(call(trace.Close, 7, 40, 0, 0, 0, 0))
	tl.Server(call(trace.Read, 7, 50, 30, 5, 0, 0))
	tl.Finish(1090*ms, nil)
	want(t, lines(tl.Track(), "thread 1"), "called setnonblock(7) 0+0", "running 0+50", "called read(7) 1+30",
		"called close(7) 40+0", "blocked read(7) 50+30", "running 80+10")
}

// The results of all calls of Take together are the whole track.
func TestTake(t *testing.T) {
	tl := newTimeline("fast 1")
	var marks, lanes int
	for i := range uint64(50) {
		tl.Server(call(trace.Accept, 3, i*10, 5, 7, 0, 1))
		tl.Advance(int64(1000*ms + i*10*ms))
		taken := tl.Take()
		marks, lanes = marks+len(taken.Marks), lanes+len(taken.Lanes)
	}
	tl.Finish(2000*ms, nil)
	taken := tl.Take()
	marks, lanes = marks+len(taken.Marks), lanes+len(taken.Lanes)
	if marks != len(tl.Track().Marks) || lanes != len(tl.Track().Lanes) {
		t.Errorf("took %d marks of %d and %d lanes of %d", marks, len(tl.Track().Marks), lanes, len(tl.Track().Lanes))
	}
}

func TestCompact(t *testing.T) {
	var track recording.Track
	track.Lanes = []recording.Lane{{ID: 0, Kind: "thread"}, {ID: 1, Kind: "connection"}}
	calls := 0
	for i := range int64(5000) {
		calls++
		track.Marks = append(track.Marks,
			recording.Mark{Lane: 0, At: i * ms / 10, Took: 1000, State: recording.Called, Call: "read", Count: 1},
			recording.Mark{Lane: 1, At: i * ms / 10, Took: 1000, State: recording.Called, Call: "read", Count: 1})
	}
	track.Marks = append(track.Marks, recording.Mark{Lane: 1, At: 0, Took: 500 * ms, State: recording.Idle, Count: 1})
	small, gone := Compact(track, 300)
	kept, idle := 0, 0
	for _, m := range small.Marks {
		if m.Lane == 0 {
			kept += m.Count
		}
		if m.State == recording.Idle {
			idle++
		}
	}
	if len(small.Marks) > 300 || kept != calls || gone != 0 || idle != 1 {
		t.Errorf("%d marks for %d of %d calls, %d gone, %d idle", len(small.Marks), kept, calls, gone, idle)
	}
	if len(track.Marks) != 2*calls+1 {
		t.Error("the track itself was changed")
	}
}

// A server that polled a million times still shows that it did, beside more connections than there is room for.
func TestCompactKeepsThreads(t *testing.T) {
	track := recording.Track{Lanes: []recording.Lane{{ID: 0, Kind: "thread"}}}
	for i := range 2000 {
		track.Lanes = append(track.Lanes, recording.Lane{ID: i + 1, Kind: "connection"})
		track.Marks = append(track.Marks, recording.Mark{Lane: i + 1, Took: 500 * ms, State: recording.Idle, Count: 1})
	}
	for i := range int64(25) {
		track.Marks = append(track.Marks, recording.Mark{Lane: 0, At: i * 20 * ms, Took: 20 * ms, State: recording.Again,
			Call: "read", Count: 40_000})
	}
	small, gone := Compact(track, 1000)
	if len(small.Marks) != len(track.Marks) || gone != 0 {
		t.Errorf("%d marks of %d, %d calls gone", len(small.Marks), len(track.Marks), gone)
	}
}

// The SIGTERM of a server stands on its first thread's lane, if it has lanes, and is known in any case.
func TestTold(t *testing.T) {
	tl := newTimeline()
	tl.Server(call(trace.EpollWait, 3, 0, 20, 0, 0, 0))
	tl.Told(1050 * ms)
	tl.Finish(1100*ms, nil)
	want(t, lines(tl.Track(), "thread 1"), "waiting epoll_wait(3) 0+20", "running 20+80", "cancelled 50+0")
	unseen := newTimeline()
	unseen.Told(1050 * ms)
	if at, again := tl.Track().Told, unseen.Take().Told; at != 50*ms || again != 50*ms {
		t.Errorf("told at %d and %d", at, again)
	}
}

// TestServing: threads that only started, or only waited for many descriptors, did not serve any client.
func TestServing(t *testing.T) {
	tl := newTimeline("fast")
	tl.Server(trace.Event{Kind: trace.ThreadStart, Thread: 8, At: 1001 * ms})
	for thread, kind := range map[uint32]trace.Kind{7: trace.Accept, 9: trace.EpollWait} {
		e := call(kind, 3, 1002*ms, 1*ms, 4, 0, 0)
		e.Thread = thread
		tl.Server(e)
	}
	if tl.Threads() != 3 || tl.Serving() != 1 {
		t.Errorf("%d threads of which %d serve, want 3 and 1", tl.Threads(), tl.Serving())
	}
}
