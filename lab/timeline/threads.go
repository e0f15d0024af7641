package timeline

import (
	"syscall"

	"era/lab/recording"
	"era/runnable/kit/trace"
)

// A call that took longer than this has waited. Shorter ones have only worked: a system call that copies a buffer, on a
// machine that also does other things.
const waits = 200_000 // ns

// thread is one of the server's threads.
type thread struct {
	lane    int
	running int64 // since when, on the clock of the traces; 0 if that is not known
	touched *peer // the connection for which it made its last call, for no task
	served  bool  // it has made a call that moves bytes or opens a connection

	turns, callbacks int // of the loop, since it has been running
}

func (tl *Timeline) thread(id uint32) *thread {
	t := tl.threads[id]
	if t == nil {
		t = &thread{lane: tl.ofServer("thread", tl.started+1)}
		if t.lane == nowhere {
			return t
		}
		tl.started++
		tl.threads[id] = t
		tl.most = max(tl.most, len(tl.threads))
	}
	return t
}

// Server adds a call of the server. Calls must come in the order in which they ended. Calls that come when the timeline
// is full are not drawn, but the owners of descriptors and the accepted connections are kept account of all the same.
func (tl *Timeline) Server(e trace.Event) {
	tl.kept++
	tl.full = len(tl.track.Marks)+tl.waiting >= MaxMarks
	tl.server(e)
	if tl.full {
		tl.lost++
	}
	tl.full = false
}

func (tl *Timeline) server(e trace.Event) {
	if e.Kind >= trace.CoCreate && !e.Kind.IsCall() {
		tl.layer(e)
		return
	}
	t := tl.thread(e.Thread)
	tl.full = tl.full || t.lane == nowhere
	switch e.Kind {
	case trace.ThreadStart:
		t.running = int64(e.At)
		return
	case trace.ThreadExit:
		tl.ran(t, int64(e.At))
		delete(tl.threads, e.Thread) // the system may use its number again
		return
	}
	if syscall.Errno(e.Errno) == syscall.EAGAIN {
		tl.again++
	}
	k := tl.tasks[e.Task]
	o := tl.follow(t, k, e)
	if !t.served && serves(e.Kind) {
		t.served = true
		tl.serving++
	}
	m := tl.mark(t.lane, e)
	if k != nil {
		m.Task = k.lane + 1
	}
	if tl.waited(e) {
		tl.ran(t, m.At)
		t.running = m.At + m.Took
		tl.draw(m)
	} else {
		if t.running == 0 {
			t.running = m.At
		}
		tl.quick(m, e)
	}
	// An accept that waited did so before its connection existed.
	if o != nil && len(tl.clients) <= callsOnLanes && !(e.Kind == trace.Accept && tl.waited(e)) {
		tl.onConnection(o, m, e)
	}
	if e.Kind == trace.Close {
		tl.forget(e)
	}
}

// mark returns the mark of a call.
func (tl *Timeline) mark(lane int, e trace.Event) recording.Mark {
	m := recording.Mark{
		Lane: lane, At: int64(e.At), Took: int64(e.Took), State: recording.Called, Call: e.Kind.String(),
		FD: int(e.FD), Result: int(e.Result), Count: 1, Site: tl.site(e.Site),
	}
	if e.Errno != 0 {
		m.Errno = Errno(syscall.Errno(e.Errno))
	}
	switch errno := syscall.Errno(e.Errno); {
	case tl.waited(e) && choosing(e.Kind):
		m.State = recording.Waiting
	case tl.waited(e):
		m.State = recording.Blocked
	case errno == syscall.EAGAIN:
		m.State = recording.Again
	case errno != 0 && errno != syscall.EINPROGRESS && errno != syscall.EINTR:
		m.State = recording.Failed
	}
	return m
}

// waited reports whether the thread slept in the call. It cannot have if the descriptor is non-blocking, however long
// the call took.
func (tl *Timeline) waited(e trace.Event) bool {
	return e.Took >= waits && !tl.nonblocking[e.FD]
}

// choosing reports whether the call waits for many descriptors at once.
func choosing(k trace.Kind) bool {
	return k == trace.Select || k == trace.Poll || k == trace.EpollWait || k == trace.Kevent
}

// serves reports whether the call is one of those by which clients are served.
func serves(k trace.Kind) bool {
	return k == trace.Accept || k == trace.Connect || k == trace.Read || k == trace.Write
}

// Told records that the server got SIGTERM, and draws it on the lane of its first thread if it has one.
func (tl *Timeline) Told(at int64) {
	tl.track.Told = at - tl.zero
	for _, t := range tl.threads {
		if tl.track.Lanes[t.lane].Name == "thread 1" {
			tl.draw(recording.Mark{Lane: t.lane, At: at, State: recording.Cancelled, FD: -1, Errno: "asked", Count: 1, Site: -1})
		}
	}
}

// Died ends the server's threads and tasks, in what they were doing. inCall are the calls that the threads were in:
// they have not returned.
func (tl *Timeline) Died(at int64, inCall []trace.Event) {
	tl.track.Died = at - tl.zero
	tl.goesOn(at, inCall, func(m recording.Mark) { tl.track.Marks = append(tl.track.Marks, m) })
	clear(tl.threads)
	clear(tl.tasks)
}

// ran draws that the thread was running until the given time.
func (tl *Timeline) ran(t *thread, until int64) {
	if t.running != 0 && until-t.running >= 1000 {
		tl.draw(running(t, until))
	}
	t.running, t.turns, t.callbacks = 0, 0, 0
}

func running(t *thread, until int64) recording.Mark {
	return recording.Mark{Lane: t.lane, At: t.running, Took: until - t.running, State: recording.Running, FD: -1,
		Count: max(t.turns, 1), Result: t.callbacks, Site: -1}
}

// Open returns what goes on at this moment: marks that last until now and are not over. inCall are the calls that the
// server's threads are in.
func (tl *Timeline) Open(now int64, inCall []trace.Event) []recording.Mark {
	open := make([]recording.Mark, 0, len(tl.threads)+len(tl.tasks)+len(tl.clients)) // called often
	add := func(m recording.Mark) { open = append(open, m) }
	tl.goesOn(now, inCall, add)
	for _, c := range tl.connections {
		if c != nil && c.state != "" {
			tl.lasting(c.span(now, c.answered+1), add)
		}
	}
	return open
}

// goesOn adds what the server does at this moment.
func (tl *Timeline) goesOn(now int64, inCall []trace.Event, add func(recording.Mark)) {
	calls := map[uint32]trace.Event{}
	for _, e := range inCall {
		calls[e.Thread] = e
	}
	for id, e := range calls {
		if e.Took = uint64(max(now-int64(e.At), 0)); !tl.waited(e) {
			delete(calls, id)
			continue
		}
		t := tl.thread(id)
		m := tl.mark(t.lane, e)
		if t.running != 0 {
			tl.lasting(running(t, m.At), add)
		}
		tl.lasting(m, add)
		if o := tl.owners[e.FD]; o != nil && o.peer.lane() >= 0 && len(tl.clients) <= callsOnLanes {
			m.Lane = o.peer.lane()
			tl.lasting(m, add)
		}
	}
	for id, t := range tl.threads {
		if _, waiting := calls[id]; !waiting && t.running != 0 {
			tl.lasting(running(t, now), add)
		}
	}
	for _, k := range tl.tasks {
		if m := k.parked; m.State != "" {
			m.Took = now - m.At
			tl.lasting(m, add)
		}
	}
}

// lasting adds a mark that lasts, if any of it lies in the experiment.
func (tl *Timeline) lasting(m recording.Mark, add func(recording.Mark)) {
	if m, ok := tl.clip(m); ok && m.Took > 0 {
		add(m)
	}
}
