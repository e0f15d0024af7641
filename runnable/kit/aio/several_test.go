//go:build linux || darwin

package aio

import "fmt"

// several are programs with gather and queue.
var several = map[string]func(l *eventLog, t *Task) error{
	"gather": func(l *eventLog, t *Task) error {
		work := func(who string, seconds int, fails bool) *Future[string] {
			return Go(t, func(t *Task) (string, error) {
				if _, err := sleep(seconds, "")(t); err != nil {
					l.say(who, "cancelled")
					return "", err
				}
				if fails {
					l.say(who, "fails")
					return "", errKey
				}
				l.say(who, "ends at", l.now())
				return who, nil
			})
		}
		list := func(got []string) string {
			s := ""
			for i, who := range got {
				if i > 0 {
					s += ", "
				}
				s += "'" + who + "'"
			}
			return "[" + s + "]"
		}
		got, _ := Await(t, Gather(t, work("a", 3, false), work("b", 1, false), work("c", 2, false)))
		l.say(list(got))
		got, _ = Await(t, Gather[string](t))
		l.say(list(got))
		_, err := Await(t, Gather(t, work("d", 2, false), work("e", 1, true), work("f", 3, false)))
		l.say(err, "at", l.now())
		Sleep(t, 5*second)
		l.say("end at", l.now())
		return nil
	},

	"gather_cancel": func(l *eventLog, t *Task) error {
		works := func(names string) (tasks []*Future[None]) {
			for _, who := range names {
				tasks = append(tasks, t.Go(func(t *Task) error {
					err := Sleep(t, 10*second)
					if err == Cancelled {
						l.say(string(who), "cancelled")
					} else {
						l.say(string(who), "ends")
					}
					return err
				}))
			}
			return tasks
		}
		tasks := works("abc")
		w := t.Go(func(t *Task) error {
			_, err := Await(t, Gather(t, tasks...))
			l.say("waiter", err)
			return err
		})
		Sleep(t, second)
		w.Cancel()
		Await(t, w)
		python := map[bool]string{true: "True", false: "False"}
		l.say(fmt.Sprintf("[%s, %s, %s]", python[tasks[0].Cancelled()], python[tasks[1].Cancelled()],
			python[tasks[2].Cancelled()]))

		tasks = works("de")
		all := Gather(t, tasks...)
		Sleep(t, second)
		tasks[0].Cancel()
		_, err := Await(t, all)
		l.say(err, tasks[1].Done())
		_, err = Await(t, tasks[1])
		return err
	},

	"queues": func(l *eventLog, t *Task) error {
		consumer := func(who string, q *Queue[string]) *Future[None] {
			return t.Go(func(t *Task) error {
				for {
					got, err := q.Get(t)
					if err == nil {
						l.say(who, "got", got)
						err = Sleep(t, second)
					}
					if err != nil {
						l.say(who, "cancelled")
						return err
					}
				}
			})
		}
		q := NewQueue[string](2)
		p := t.Go(func(t *Task) error {
			for i := range 5 {
				if err := q.Put(t, fmt.Sprint(i)); err != nil {
					return err
				}
				l.say("put", i, q.Len())
			}
			return nil
		})
		Sleep(t, second)
		a, b := consumer("a", q), consumer("b", q)
		Await(t, p)
		Sleep(t, 10*second)
		a.Cancel()
		Sleep(t, 0)
		q.Put(t, "last")
		Sleep(t, second)
		a.Cancel()
		b.Cancel()
		Await(t, a)
		Await(t, b)
		if _, err := q.TryGet(); err == ErrEmpty {
			l.say("empty")
		}
		q.TryPut("0")
		q.TryPut("1")
		if err := q.TryPut("2"); err == ErrFull {
			l.say("full")
		}
		q = NewQueue[string](0)
		a, b = consumer("c", q), consumer("d", q)
		Sleep(t, second)
		q.TryPut("for c or d")
		a.Cancel()
		Sleep(t, 2*second)
		b.Cancel()
		Await(t, a)
		Await(t, b)
		return nil
	},
}
