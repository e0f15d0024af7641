//go:build linux || darwin

package aio

import (
	"maps"
)

// programs are the counterparts of testdata/*.py.
var programs = map[string]func(l *eventLog, t *Task) error{}

func init() {
	maps.Copy(programs, turns)
	maps.Copy(programs, cancelling)
	maps.Copy(programs, several)
	maps.Copy(programs, grouped)
	maps.Copy(programs, timed)
	maps.Copy(programs, mixed)
}

// turns are programs about the order of turns.
var turns = map[string]func(l *eventLog, t *Task) error{
	"turn": func(l *eventLog, t *Task) error {
		loop, done := t.Loop(), NewFuture[None](t)
		note := func(what string) func() { return func() { l.say(what) } }
		loop.CallLater(2*second, note("in 2 s"))
		loop.CallLater(1*second, note("in 1 s"))
		loop.CallLater(3*second, func() { done.SetResult(None{}) })
		loop.CallSoon(func() {
			l.say("first")
			loop.CallSoon(note("queued by first"))
		})
		loop.CallSoon(note("second"))
		loop.CallSoon(note("never")).Cancel()
		loop.CallLater(1*second, note("never")).Cancel()
		l.say("main waits")
		_, err := Await(t, done)
		l.say("main at", l.now())
		return err
	},

	"start": func(l *eventLog, t *Task) error {
		child := func(who string) func(t *Task) (string, error) {
			return func(t *Task) (string, error) {
				l.say(who, "starts")
				err := Sleep(t, 0)
				l.say(who, "ends")
				return who, err
			}
		}
		a, b := Go(t, child("a")), Go(t, child("b"))
		l.say("made")
		Sleep(t, 0)
		l.say("main again")
		gotB, _ := Await(t, b)
		done := a.Done()
		gotA, err := Await(t, a)
		l.say(gotB, done, gotA)
		return err
	},

	"no_turn": func(l *eventLog, t *Task) error {
		nothing := func(t *Task) int { return 1 }
		done := NewFuture[int](t)
		done.SetResult(5)
		t.Loop().CallSoon(func() { l.say("callback") })
		total := 0
		for range 1000 {
			total += nothing(t)
		}
		got, _ := Await(t, done)
		l.say(total, got)
		err := Sleep(t, 0)
		l.say("after sleep(0)")
		return err
	},

	"callbacks": func(l *eventLog, t *Task) error {
		f := NewFuture[int](t)
		f.WhenDone(func() {
			got, _ := f.Result()
			l.say("one", got)
		})
		f.WhenDone(func() { l.say("two") })
		f.SetResult(7)
		l.say("set")
		f.WhenDone(func() { l.say("three") })
		Sleep(t, 0)
		if !f.SetResult(8) {
			l.say("done already")
		}
		got, _ := f.Result()
		l.say(got, f.Cancel())
		g := NewFuture[int](t)
		l.say(g.Cancel(), g.Cancel(), g.Cancelled())
		_, err := Await(t, g)
		l.say(err)
		h := NewFuture[int](t)
		h.SetError(errKey)
		for range 2 {
			_, err := Await(t, h)
			l.say(err)
		}
		return nil
	},

	"order": func(l *eventLog, t *Task) error {
		f := NewFuture[string](t)
		var tasks []*Future[None]
		for i := range 4 {
			tasks = append(tasks, t.Go(func(t *Task) error {
				got, err := Await(t, f)
				l.say(i, got)
				return err
			}))
		}
		for _, s := range []struct {
			who     string
			seconds int
		}{{"x", 3}, {"y", 1}, {"z", 2}} {
			tasks = append(tasks, t.Go(func(t *Task) error {
				got, err := sleep(s.seconds, s.who)(t)
				l.say(got, l.now())
				return err
			}))
		}
		Sleep(t, 0)
		f.SetResult("go")
		l.say("set")
		_, err := Await(t, Gather(t, tasks...))
		return err
	},

	"left": func(l *eventLog, t *Task) error {
		t.Go(func(t *Task) error {
			err := Sleep(t, 10*second)
			l.say("a cancelled")
			Sleep(t, second)
			l.say("a cleaned up")
			return err
		})
		Sleep(t, second)
		l.say("main ends")
		return errKey
	},

	"thread": func(l *eventLog, t *Task) error {
		got, err := RunInThread(t, func() (int, error) { return 6 * 7, nil })
		l.say(got)
		if err != nil {
			return err
		}
		_, err = RunInThread(t, func() (int, error) { return 0, errKey })
		l.say(err)
		return nil
	},
}
