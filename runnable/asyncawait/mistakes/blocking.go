package main

import (
	"era/runnable/kit/aio"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

// blockingCall asks with the blocking server's own function. It returns the right answer, but until then no other task
// has a turn: the one thread that runs all tasks sleeps in read.
func blockingCall(_ *aio.Task, backend sys.Addr, question string) ([]byte, error) {
	return job.Ask(backend, question) // the mistake: it takes no task, so it cannot give up a turn
}

// blockingInThread is the remedy where the call cannot be changed: it sleeps on a thread of its own, and the task
// awaits that thread.
func blockingInThread(t *aio.Task, backend sys.Addr, question string) ([]byte, error) {
	return aio.RunInThread(t, func() ([]byte, error) { return job.Ask(backend, question) })
}
