package aio

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// TimedOut is the error of a body that was cancelled by its Timeout. It is an os.ErrDeadlineExceeded too.
var TimedOut = fmt.Errorf("aio: timed out: %w", os.ErrDeadlineExceeded)

// Timeout runs the body in this task and cancels the task when d has passed. It returns when the body does: TimedOut if
// the body ended because of that cancellation and of no other; else what the body returned. A body that ignores
// Cancelled returns late, and Timeout then does not return TimedOut.
func Timeout(t *Task, d time.Duration, body func() error) error {
	before, expired := t.Cancelling(), false
	expire := func() {
		expired = true
		t.Cancel()
	}
	var timer interface{ Cancel() }
	if d <= 0 {
		timer = t.loop.CallSoon(expire)
	} else {
		timer = t.loop.CallLater(d, expire)
	}
	err := body()
	timer.Cancel()
	if expired && t.Uncancel() <= before && errors.Is(err, Cancelled) {
		return TimedOut
	}
	return err
}
