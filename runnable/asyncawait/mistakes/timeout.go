package main

import (
	"errors"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/sys"
)

const patience = 100 * time.Millisecond

// swallowedTimeout asks twice if it must, within 100 ms together. After 100 ms the first question is cancelled: its
// error is Cancelled. But the second is asked all the same, the body goes on, and the timeout, which can only request
// the end, waits for it.
func swallowedTimeout(t *aio.Task, backend sys.Addr, question string) (line []byte, err error) {
	err = aio.Timeout(t, patience, func() error {
		line, err = askBackend(t, backend, question)
		if err != nil { // the mistake: Cancelled is an error too, but the timeout's to handle
			line, err = askBackend(t, backend, question)
		}
		return err
	})
	return line, err
}

// keptTimeout lets Cancelled pass. Timeout turns it into TimedOut, and the client has its error after 100 ms.
func keptTimeout(t *aio.Task, backend sys.Addr, question string) (line []byte, err error) {
	err = aio.Timeout(t, patience, func() error {
		line, err = askBackend(t, backend, question)
		if err != nil && !errors.Is(err, aio.Cancelled) {
			line, err = askBackend(t, backend, question)
		}
		return err
	})
	return line, err
}
