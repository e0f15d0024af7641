//go:build linux || darwin

package aio

// cancelling are programs about cancellation.
var cancelling = map[string]func(l *eventLog, t *Task) error{
	"cancel": func(l *eventLog, t *Task) error {
		sleeper := func(who string) func(t *Task) (string, error) {
			return func(t *Task) (string, error) {
				l.say(who, "starts")
				defer l.say(who, "finally")
				err := Sleep(t, 10*second)
				if err == Cancelled {
					l.say(who, "cancelled at", l.now())
				}
				return "", err
			}
		}
		outcome := func(f *Future[string]) {
			if got, err := Await(t, f); err == nil {
				l.say("result", got)
			} else {
				l.say(err, f.Cancelled())
			}
		}
		never := Go(t, sleeper("never"))
		l.say(never.Cancel(), never.Done())
		outcome(never)

		a := Go(t, sleeper("a"))
		Sleep(t, second)
		l.say(a.Cancel(), a.Done())
		outcome(a)
		l.say(a.Cancel())

		b := Go(t, func(t *Task) (string, error) {
			err := Sleep(t, 10*second)
			Sleep(t, 3*second)
			l.say("b cleaned up at", l.now())
			return "", err
		})
		Sleep(t, second)
		b.Cancel()
		outcome(b)

		c := Go(t, func(t *Task) (string, error) {
			for range 2 {
				if err := Sleep(t, 10*second); err == Cancelled {
					l.say("c ignores it at", l.now())
				}
			}
			return "late", nil
		})
		Sleep(t, second)
		c.Cancel()
		outcome(c)
		l.say(c.Cancelled(), l.now())
		return nil
	},

	"cancel_twice": func(l *eventLog, t *Task) error {
		a := t.Go(func(t *Task) error {
			if err := Sleep(t, 10*second); err == Cancelled {
				l.say("first at", l.now())
				if err := Sleep(t, 5*second); err == Cancelled {
					l.say("second at", l.now())
					return err
				}
				l.say("cleaned up")
			}
			return nil
		})
		Sleep(t, second)
		a.Cancel()
		a.Cancel()
		Sleep(t, second)
		l.say(a.Done(), a.task.Cancelling())
		a.Cancel()
		_, err := Await(t, a)
		l.say(err)
		return nil
	},

	"cancel_self": func(l *eventLog, t *Task) error {
		waits := func(n int) func(t *Task) (string, error) {
			return func(t *Task) (string, error) {
				t.Cancel()
				l.say("still running")
				_, err := sleep(n, "")(t)
				if err == Cancelled {
					l.say("heard")
				}
				return "", err
			}
		}
		returns := func(t *Task) (string, error) {
			t.Cancel()
			return "too late", nil
		}
		for _, body := range []func(t *Task) (string, error){waits(0), waits(1), returns} {
			a := Go(t, body)
			if got, err := Await(t, a); err == nil {
				l.say(got)
			} else {
				l.say(err, a.Cancelled(), l.now())
			}
		}
		return nil
	},

	"cancel_chain": func(l *eventLog, t *Task) error {
		inner := func(t *Task) error {
			err := Sleep(t, 10*second)
			if err == Cancelled {
				l.say("inner")
			}
			return err
		}
		outer := func(f *Future[None]) func(t *Task) error {
			return func(t *Task) error {
				_, err := Await(t, f)
				if err == Cancelled {
					l.say("outer")
				}
				return err
			}
		}
		for _, whom := range []int{1, 0} {
			var f [2]*Future[None]
			f[0] = t.Go(inner)
			f[1] = t.Go(outer(f[0]))
			Sleep(t, second)
			f[whom].Cancel()
			_, err := Await(t, f[1])
			l.say(err, f[0].Cancelled(), f[1].Cancelled())
		}
		return nil
	},

	"uncancel": func(l *eventLog, t *Task) error {
		a := Go(t, func(t *Task) (string, error) {
			if err := Sleep(t, 10*second); err == Cancelled {
				l.say(t.Cancelling(), t.Uncancel(), t.Uncancel(), t.Uncancel())
			}
			return "on", Sleep(t, second)
		})
		Sleep(t, second)
		a.Cancel()
		a.Cancel()
		got, err := Await(t, a)
		l.say(got, a.Cancelled())
		return err
	},

	"uncancel_last": func(l *eventLog, t *Task) error {
		for _, count := range [][2]int{{1, 1}, {2, 1}, {2, 2}} {
			for range count[0] {
				t.Cancel()
			}
			for range count[1] {
				t.Uncancel()
			}
			if err := Sleep(t, second); err == Cancelled {
				l.say(t.Cancelling(), "cancelled")
				t.Uncancel()
			} else {
				l.say(t.Cancelling(), "sleeps on")
			}
		}
		return nil
	},

	"shield": func(l *eventLog, t *Task) error {
		work := func(t *Task) (string, error) {
			if err := Sleep(t, 5*second); err != nil {
				l.say("work cancelled")
				return "", err
			}
			l.say("work ends at", l.now())
			return "done", nil
		}
		task := Go(t, work)
		w := Go(t, func(t *Task) (string, error) {
			got, err := Await(t, Shield(task))
			if err == Cancelled {
				l.say("waiter cancelled at", l.now())
			}
			return got, err
		})
		Sleep(t, second)
		w.Cancel()
		_, err := Await(t, w)
		l.say(err, task.Done())
		got, _ := Await(t, task)
		again, _ := Await(t, Shield(task))
		l.say(got, again)

		task = Go(t, work)
		s := Shield(task)
		Sleep(t, second)
		task.Cancel()
		_, err = Await(t, s)
		l.say(err, s.Cancelled())
		return nil
	},
}
