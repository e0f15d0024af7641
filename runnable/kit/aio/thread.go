package aio

import (
	"runtime"

	"era/runnable/kit/sys"
)

// maxThreads is how many functions of RunInThread run at a time, as in Python today (concurrent.futures.ThreadPoolExecutor).
var maxThreads = min(32, runtime.NumCPU()+4)

// RunInThread runs a function that blocks or computes on a thread of its own and waits for it, so that the loop goes on
// meanwhile. The function must not use anything that belongs to the loop. If the task is cancelled it stops waiting,
// but the function runs to its end: a thread cannot be stopped.
func RunInThread[T any](t *Task, f func() (T, error)) (T, error) {
	l := t.loop
	result := newFuture[T](l, ForThread, -1)
	l.jobs = append(l.jobs, func() bool {
		if result.done {
			return false // cancelled before it began
		}
		sys.Thread(func() {
			value, err := f()
			l.CallSoonThreadsafe(func() {
				if !result.done {
					result.value = value
					result.finish(err)
				}
				l.threads--
				l.startJobs()
			})
		})
		return true
	})
	l.startJobs()
	return Await(t, result)
}

func (l *Loop) startJobs() {
	for len(l.jobs) > 0 && l.threads < maxThreads {
		if l.jobs[0]() {
			l.threads++
		}
		l.jobs = l.jobs[1:]
	}
}
