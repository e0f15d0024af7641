package timeline

import (
	"era/lab/recording"
	"era/runnable/kit/trace"
)

// task is a coroutine or task of the server that is not over. Its lane shows when it ran, and what it was parked for.
type task struct {
	lane    int
	name    string         // "task 3"
	peer    *peer          // the connection that it serves; nil if it is not known, or none
	touched *peer          // the connection of its last call
	accepts bool           // it serves any client
	parked  recording.Mark // what it waits for since At; without State while it runs
	next    recording.Mark // what it will wait for when the present step is over
}

// spawned is a task and the time when it was made.
type spawned struct {
	*task
	at uint64
}

// layer adds an event of the layers above the system calls.
func (tl *Timeline) layer(e trace.Event) {
	switch e.Kind {
	case trace.LoopTurn:
		t := tl.thread(e.Thread)
		t.turns++
		t.callbacks += int(e.Arg)
	case trace.Timer: // its delay shows whether something held the loop
		tl.quick(recording.Mark{Lane: tl.thread(e.Thread).lane, At: int64(e.At), State: recording.Called, Call: "timer",
			FD: -1, Result: int(e.Arg), Count: 1, Site: -1}, e)
	case trace.BufferHigh, trace.BufferLow:
		if o := tl.owners[e.FD]; o != nil {
			bytes := int(e.Arg)
			if e.Kind == trace.BufferLow {
				bytes = 0
			}
			tl.buffered(o, int64(e.At), bytes)
		}
	default:
		if e.Task != 0 {
			tl.task(e)
		}
	}
}

// task adds an event of a coroutine or task. What it is parked for comes before the step that ends so.
func (tl *Timeline) task(e trace.Event) {
	k := tl.tasks[e.Task]
	if k == nil {
		kind := "task"
		if e.Kind < trace.TaskSpawn {
			kind = "coroutine"
		}
		k = &task{lane: tl.ofServer(kind, int(e.Task))}
		if k.lane == nowhere {
			tl.full = true // this event is not drawn either
			return
		}
		k.name = tl.track.Lanes[k.lane].Name
		tl.tasks[e.Task] = k
	}
	ended := int64(e.At + e.Took)
	switch e.Kind {
	case trace.CoCreate, trace.TaskSpawn:
		k.parked = tl.waits(k, e, "begin")
		if len(tl.spawned) < MaxLanes {
			tl.spawned = append(tl.spawned, spawned{k, e.At})
		}
	case trace.CoYield, trace.TaskPark:
		k.next = tl.waits(k, e, reason(e))
		if o := tl.owners[e.FD]; o != nil {
			tl.serves(k, o.peer)
		}
	case trace.CoResume, trace.TaskStep:
		tl.inherit(k, e)
		tl.unpark(k, int64(e.At))
		tl.draw(recording.Mark{Lane: k.lane, At: int64(e.At), Took: int64(e.Took), State: recording.Running, FD: -1, Count: 1,
			Site: k.parked.Site})
		k.parked, k.next = k.next, recording.Mark{}
		k.parked.At = ended
	case trace.TaskCancel:
		tl.draw(recording.Mark{Lane: k.lane, At: ended, State: recording.Cancelled, FD: -1, Errno: "asked", Count: 1,
			Site: -1})
	case trace.CoClose, trace.TaskExit:
		tl.unpark(k, int64(e.At)) // it never began
		m := recording.Mark{Lane: k.lane, At: ended, State: recording.Returned, FD: -1, Count: 1, Site: -1}
		switch e.Arg {
		case 1:
			m.State = recording.Failed
		case 2:
			m.State = recording.Cancelled
		}
		tl.draw(m)
		delete(tl.tasks, e.Task)
	}
}

// waits returns the mark of a parked task, without a length yet.
func (tl *Timeline) waits(k *task, e trace.Event, why string) recording.Mark {
	state := recording.Parked
	if why == "drain" {
		state = recording.Backpressure
	}
	return recording.Mark{Lane: k.lane, At: int64(e.At), State: state, FD: int(e.FD), Errno: why, Count: 1,
		Site: tl.site(e.Site)}
}

// unpark draws how long a task was parked.
func (tl *Timeline) unpark(k *task, until int64) {
	if m := k.parked; m.State != "" && until > m.At {
		m.Took = until - m.At
		tl.draw(m)
	}
	k.parked.State = ""
}

// reasons are the words for aio.Reason, in its order.
var reasons = [...]string{"turn", "future", "task", "time", "readable", "writable", "queue", "drain", "thread"}

// The bits of readiness.Events.
const readable, writable = 1, 2

// reason says why a task is parked.
func reason(e trace.Event) string {
	switch {
	case e.Kind == trace.TaskPark && int(e.Arg) < len(reasons):
		return reasons[e.Arg]
	case e.Kind == trace.CoYield && e.FD >= 0 && e.Arg&readable != 0:
		return "readable"
	case e.Kind == trace.CoYield && e.FD >= 0 && e.Arg&writable != 0:
		return "writable"
	}
	return "turn"
}

// serves names a task after the first connection that it touches.
func (tl *Timeline) serves(k *task, of *peer) {
	if k.accepts || k.peer != nil {
		return
	}
	k.peer = of
	if of.client == nil {
		of.tasks = append(of.tasks, k)
		return
	}
	client := tl.track.Lanes[of.client.lane]
	tl.rename(k.lane, k.name+" · "+client.Name, client.Group)
}

// inherit names tasks that were made in a step after the connection of the task that made them.
func (tl *Timeline) inherit(k *task, step trace.Event) {
	for n := len(tl.spawned); n > 0 && tl.spawned[n-1].at >= step.At; n-- {
		if child := tl.spawned[n-1].task; child != k && k.peer != nil {
			tl.serves(child, k.peer)
		}
		tl.spawned = tl.spawned[:n-1]
	}
}

// rename gives a lane another name; if Take has already returned the lane, the next Take returns it again.
func (tl *Timeline) rename(lane int, name, group string) {
	l := &tl.track.Lanes[lane]
	l.Name, l.Group = name, group
	if lane < len(tl.taken.Lanes) {
		tl.renamed = append(tl.renamed, *l)
	}
}
