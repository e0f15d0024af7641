package trace

import (
	"strconv"

	"era/runnable/kit/kernel/simulation"
)

// In WebAssembly there is no trace file: the simulated machine sees the calls itself, and learns here what the layers
// above do. The build for it leaves out the files of this package that write a trace (lab/simulated).

func On() bool                          { return true }
func Now() uint64                       { return uint64(simulation.Machine.Now) }
func WorkFor(task uint32) (were uint32) { return simulation.Machine.WorkFor(task) }

// reasons are those of aio.Reason, in its order.
var reasons = [...]string{"its turn comes", "a future is done", "a task has ended", "its time has come", "can be read",
	"can be written", "the queue has changed", "the buffer is below its mark", "the thread has ended"}

func Step(kind Kind, task uint32, since uint64, fd int, arg uint32) {
	m := simulation.Machine
	switch kind {
	case CoCreate:
		m.Made("coroutine", task)
	case TaskSpawn:
		m.Made("task", task)
	case CoYield: // arg are readiness.Events
		m.Suspend(task, fd, until(fd, [...]string{"anything happens", "can be read", "can be written",
			"can be read or written"}[arg&3]))
	case TaskPark:
		m.Suspend(task, fd, until(fd, reasons[min(int(arg), len(reasons)-1)]))
	case CoClose, TaskExit:
		m.Ends(task)
	}
}

func until(fd int, what string) string {
	if fd >= 0 {
		return "waits until " + strconv.Itoa(fd) + " " + what
	}
	return "waits until " + what
}
