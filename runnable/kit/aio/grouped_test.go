//go:build linux || darwin

package aio

import (
	"errors"
	"time"
)

// grouped are programs with task groups.
var grouped = map[string]func(l *eventLog, t *Task) error{
	"group": func(l *eventLog, t *Task) error {
		work := func(who string, seconds int, fails error) func(t *Task) (string, error) {
			return func(t *Task) (string, error) {
				if _, err := sleep(seconds, "")(t); err != nil {
					l.say(who, "cancelled at", l.now())
					return "", err
				}
				if fails != nil {
					l.say(who, "fails at", l.now())
					return "", fails
				}
				l.say(who, "ends at", l.now())
				return who, nil
			}
		}
		var a *Future[string]
		WithGroup(t, func(g *Group) error {
			a = GoIn(g, work("a", 2, nil))
			GoIn(g, work("b", 1, nil))
			l.say("body ends")
			return nil
		})
		got, _ := a.Result()
		l.say(got, "and all at", l.now())

		err := WithGroup(t, func(g *Group) error {
			GoIn(g, work("c", 5, nil))
			GoIn(g, work("d", 1, errKey))
			err := Sleep(t, 10*second)
			l.say("body cancelled at", l.now())
			return err
		})
		l.say(err, t.Cancelling())

		err = WithGroup(t, func(g *Group) error {
			GoIn(g, work("e", 5, nil))
			if err := Sleep(t, second); err != nil {
				return err
			}
			return errValue
		})
		l.say(err)
		Sleep(t, second)
		l.say("end at", l.now())
		return nil
	},

	"group_errors": func(l *eventLog, t *Task) error {
		err := WithGroup(t, func(g *Group) error {
			g.Go(fails(errKey, 1))
			for _, late := range []error{errValue, errOS} {
				g.Go(func(t *Task) error {
					if err := Sleep(t, 10*second); err == Cancelled {
						return late
					}
					return nil
				})
			}
			return nil
		})
		l.say(err)
		var a, b *Future[None]
		err = WithGroup(t, func(g *Group) error {
			a = g.Go(fails(errKey, 1))
			b = g.Go(func(t *Task) error { return Sleep(t, 2*second) })
			a.Cancel()
			return nil
		})
		l.say(a.Cancelled(), b.Cancelled(), l.now())
		return err
	},

	"group_outside": func(l *eventLog, t *Task) error {
		for _, inBody := range []bool{true, false} {
			f := t.Go(func(t *Task) error {
				return WithGroup(t, func(g *Group) error {
					for i, who := range []string{"a", "b"} {
						g.Go(func(t *Task) error {
							err := Sleep(t, 10*second)
							Sleep(t, time.Duration(2+i)*second)
							l.say(who, "cleaned up at", l.now())
							return err
						})
					}
					if inBody {
						return Sleep(t, 10*second)
					}
					return nil
				})
			})
			Sleep(t, second)
			f.Cancel()
			_, err := Await(t, f)
			l.say(err, f.Cancelled(), l.now())
		}
		return nil
	},

	"group_nested": func(l *eventLog, t *Task) error {
		inner := func(t *Task) error {
			return WithGroup(t, func(g *Group) error {
				g.Go(fails(errKey, 1))
				g.Go(func(t *Task) error { return Sleep(t, 10*second) })
				return nil
			})
		}
		var s *Future[None]
		err := WithGroup(t, func(g *Group) error {
			g.Go(inner)
			s = g.Go(func(t *Task) error { return Sleep(t, 20*second) })
			return nil
		})
		l.say(err, s.Cancelled(), l.now())
		return WithGroup(t, func(*Group) error {
			err := WithGroup(t, func(g *Group) error {
				g.Go(fails(errValue, 1))
				return Sleep(t, 10*second)
			})
			l.say("inner", err)
			if err := Sleep(t, second); err != nil {
				return errors.Join(err, errOS)
			}
			l.say("outer goes on at", l.now())
			return nil
		})
	},

	"group_count": func(l *eventLog, t *Task) error {
		grouped := func(t *Task, body int) {
			err := WithGroup(t, func(g *Group) error {
				g.Go(fails(errKey, 1))
				return Sleep(t, time.Duration(body)*second)
			})
			l.say(err, t.Cancelling(), l.now())
		}
		grouped(t, 0)
		grouped(t, 9)
		err := Timeout(t, 3*second, func() error {
			grouped(t, 0)
			return Sleep(t, 9*second)
		})
		l.say(err, t.Cancelling(), l.now())
		return nil
	},

	"group_both": func(l *eventLog, t *Task) error {
		for _, innerBody := range []int{9, 0} {
			err := WithGroup(t, func(outer *Group) error {
				outer.Go(fails(errKey, 1))
				err := WithGroup(t, func(inner *Group) error {
					inner.Go(fails(errValue, 1))
					return Sleep(t, time.Duration(innerBody)*second)
				})
				l.say("inner", err, t.Cancelling())
				return sleepOn(l, t)
			})
			l.say("outer", err, t.Cancelling())
		}
		return nil
	},

	"group_again": func(l *eventLog, t *Task) error {
		grouped := func(t *Task, body int) error {
			err := WithGroup(t, func(g *Group) error {
				g.Go(fails(errKey, 1))
				g.Go(func(t *Task) error {
					err := Sleep(t, 99*second)
					return errors.Join(err, Sleep(t, 5*second))
				})
				return Sleep(t, time.Duration(body)*second)
			})
			l.say(err, t.Cancelling(), l.now())
			return sleepOn(l, t)
		}
		for _, body := range []int{99, 0} {
			f := t.Go(func(t *Task) error { return grouped(t, body) })
			Sleep(t, 2*second)
			f.Cancel()
			Await(t, f)
			l.say(f.Cancelled(), l.now())
		}
		err := Timeout(t, 2*second, func() error { return grouped(t, 0) })
		l.say(err, t.Cancelling(), l.now())
		return nil
	},
}

// sleepOn sleeps, and prints whether it could.
func sleepOn(l *eventLog, t *Task) error {
	err := Sleep(t, 9*second)
	if err == Cancelled {
		l.say("cancelled", l.now())
	} else {
		l.say("slept to the end", l.now())
	}
	return err
}

func fails(err error, seconds int) func(t *Task) error {
	return func(t *Task) error {
		if _, cancelled := sleep(seconds, None{})(t); cancelled != nil {
			return cancelled
		}
		return err
	}
}
