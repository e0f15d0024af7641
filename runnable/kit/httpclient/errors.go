package httpclient

import (
	"errors"
	"fmt"
	"os"
	"time"

	"era/runnable/kit/aio"
)

// TimeoutError says during which wait the time was up. It is an os.ErrDeadlineExceeded.
type TimeoutError struct {
	While string // "in the queue", "while connecting", "while writing", "while reading", "during the request"
}

func (e *TimeoutError) Error() string { return "httpclient: timed out " + e.While }

// Unwrap lets errors.Is find os.ErrDeadlineExceeded.
func (e *TimeoutError) Unwrap() error { return os.ErrDeadlineExceeded }

// ConnectError is the error of a connection that could not be made.
type ConnectError struct {
	Host string
	Err  error
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("httpclient: connect to %s: %v", e.Host, e.Err)
}

// Unwrap is the reason.
func (e *ConnectError) Unwrap() error { return e.Err }

// ErrTooManyRedirects ends a chain that is longer than the request follows.
var ErrTooManyRedirects = errors.New("httpclient: too many redirects")

// within runs the body, for at most d if d is not 0.
func within(t *aio.Task, d time.Duration, while string, body func() error) error {
	if d <= 0 {
		return body()
	}
	err := aio.Timeout(t, d, body)
	if err == aio.TimedOut { // of this very timeout, and of none inside
		return &TimeoutError{While: while}
	}
	return err
}
