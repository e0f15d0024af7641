package main

import (
	"era/runnable/kit/aio"
	"era/runnable/kit/sys"
)

// forgottenAwait starts a task that asks, and does not await it. The reply goes out at once, with an empty line; the
// answer comes later and is lost. In Python the same slip goes further: a coroutine object that is not awaited does not
// even begin. The remedy is one word: aio.Await.
func forgottenAwait(t *aio.Task, backend sys.Addr, question string) ([]byte, error) {
	var line []byte
	t.Go(func(t *aio.Task) (err error) {
		line, err = askBackend(t, backend, question)
		return err
	})
	return line, nil // the mistake: the task has not had its first turn yet
}
