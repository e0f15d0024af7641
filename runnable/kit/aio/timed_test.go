//go:build linux || darwin

package aio

import (
	"errors"
	"time"
)

// timed are programs with timeouts.
var timed = map[string]func(l *eventLog, t *Task) error{
	"timeout": func(l *eventLog, t *Task) error {
		within := func(seconds int, work func(t *Task) (string, error)) error {
			err := Timeout(t, time.Duration(seconds)*second, func() error {
				got, err := work(t)
				if err == nil {
					l.say("result", got)
				}
				return err
			})
			if errors.Is(err, TimedOut) {
				l.say(err, "at", l.now(), t.Cancelling())
				return nil
			}
			return err
		}
		within(5, sleep(1, "in time"))
		within(5, sleep(9, ""))
		within(1, func(t *Task) (string, error) {
			err := Sleep(t, 10*second)
			Sleep(t, 2*second)
			l.say("cleaned up at", l.now())
			return "", err
		})
		within(1, func(t *Task) (string, error) {
			if err := Sleep(t, 10*second); err == Cancelled {
				Sleep(t, 3*second)
			}
			return "late", nil
		})
		l.say("after the deaf at", l.now(), t.Cancelling())
		within(0, sleep(1, "never"))
		l.say(within(1, func(t *Task) (string, error) {
			return Await(t, Go(t, func(*Task) (string, error) { return "", errKey }))
		}))
		return nil
	},

	"timeout_outside": func(l *eventLog, t *Task) error {
		f := t.Go(func(t *Task) error {
			err := Timeout(t, 5*second, func() error { return Sleep(t, 10*second) })
			if err == Cancelled {
				l.say("Cancelled at", l.now())
			}
			return err
		})
		Sleep(t, second)
		f.Cancel()
		_, err := Await(t, f)
		l.say(err, f.Cancelled())

		err = Timeout(t, 2*second, func() error {
			err := Timeout(t, 9*second, func() error { return Sleep(t, 20*second) })
			if err == TimedOut {
				l.say("the inner one")
			}
			return err
		})
		if err == TimedOut {
			l.say("the outer one at", l.now())
		}
		return Timeout(t, 9*second, func() error {
			err := Timeout(t, 2*second, func() error { return Sleep(t, 20*second) })
			if err == TimedOut {
				l.say("the inner one at", l.now())
			}
			if err := Sleep(t, second); err != nil {
				return err
			}
			l.say("goes on at", l.now())
			return nil
		})
	},
}
