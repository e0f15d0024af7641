//go:build linux || darwin

package aio

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// mixed are random programs, made as testdata/mixed.py makes them.
var mixed = map[string]func(l *eventLog, t *Task) error{
	"mixed": func(l *eventLog, t *Task) error {
		for seed := 1; seed <= 1000; seed++ {
			p := &program{log: l, dice: uint32(seed), began: l.now(), places: NewSemaphore(2), queue: NewQueue[int](1)}
			tree := p.make(3)
			f := t.Go(func(t *Task) error { return p.do(t, tree) })
			for range p.below(3) {
				Sleep(t, p.seconds(p.below(3)))
				f.Cancel()
			}
			p.say(outcome(t, f), f.task.Cancelling())
			for i := 0; i < len(p.aside); i++ { // a task may start another
				outcome(t, p.aside[i])
			}
			l.say(seed, strings.Join(p.events, ", "))
		}
		return nil
	},
}

func outcome(t *Task, f *Future[None]) string {
	if _, err := Await(t, f); err != nil {
		return name(err)
	}
	return "ends"
}

type program struct {
	log    *eventLog
	dice   uint32
	began  int
	events []string
	aside  []*Future[None] // tasks that may outlive the task that started them
	timers int
	places *Semaphore
	queue  *Queue[int]
}

func (p *program) below(n int) int {
	p.dice = (p.dice*1103515245 + 12345) % (1 << 31)
	return int(p.dice>>16) % n
}

func (p *program) oneOf(words string) string {
	all := strings.Fields(words)
	return all[p.below(len(all))]
}

func (p *program) say(words ...any) {
	words = append(words, "at", p.log.now()-p.began)
	p.events = append(p.events, strings.TrimSuffix(fmt.Sprintln(words...), "\n"))
}

// seconds is n seconds from now. Timers that end in the same second end in one turn, in the order in which they were set.
func (p *program) seconds(n int) time.Duration {
	p.timers++
	if n == 0 {
		return 0
	}
	return time.Duration(n)*second - time.Millisecond + time.Duration(p.timers)*time.Microsecond
}

// node is an operation: its kind, a number, and the operations within it.
type node struct {
	kind   string
	number int
	kids   []*node
}

func (p *program) make(depth int) *node {
	kinds := "sleep fail put get"
	if depth > 0 {
		kinds = "sleep group group group both gather timeout handle deaf finally shield place place put get"
	}
	n := &node{kind: p.oneOf(kinds)}
	n.number = p.below(4)
	kids := map[string]int{"sleep": 0, "fail": 0, "put": 0, "get": 0, "group": 3 + n.number, "both": 2, "gather": 2,
		"deaf": 2, "finally": 2}
	count, ok := kids[n.kind]
	if !ok {
		count = 1
	}
	for range count {
		n.kids = append(n.kids, p.make(depth-1))
	}
	return n
}

func (p *program) start(t *Task, kid *node) *Future[None] {
	f := t.Go(func(t *Task) error { return p.do(t, kid) })
	p.aside = append(p.aside, f)
	return f
}

func (p *program) do(t *Task, n *node) error {
	first := func() error { return p.do(t, n.kids[0]) }
	switch n.kind {
	case "sleep":
		return Sleep(t, p.seconds(n.number))
	case "fail":
		return errKey
	case "both":
		if err := first(); err != nil {
			return err
		}
		return p.do(t, n.kids[1])
	case "group":
		return WithGroup(t, func(g *Group) error {
			for _, kid := range n.kids[1:] {
				g.Go(func(t *Task) error { return p.do(t, kid) })
			}
			return first()
		})
	case "gather":
		var all []*Future[None]
		for _, kid := range n.kids {
			all = append(all, p.start(t, kid))
		}
		_, err := Await(t, Gather(t, all...))
		return err
	case "timeout":
		return Timeout(t, p.seconds(n.number), first)
	case "handle":
		err := first()
		if err == nil || errors.Is(err, Cancelled) {
			return err
		}
		p.say(name(err), t.Cancelling())
		return nil
	case "deaf":
		if err := first(); errors.Is(err, Cancelled) {
			p.say("deaf", t.Cancelling())
			if n.number > 0 {
				t.Uncancel()
			}
		} else if err != nil {
			return err
		}
		return p.do(t, n.kids[1])
	case "finally":
		err := first()
		if cleanup := p.do(t, n.kids[1]); cleanup != nil {
			return cleanup
		}
		return err
	case "shield":
		_, err := Await(t, Shield(p.start(t, n.kids[0])))
		return err
	case "place":
		if err := Timeout(t, p.seconds(3), func() error { return p.places.Acquire(t) }); err != nil {
			return err
		}
		defer p.places.Release()
		return first()
	case "put":
		return Timeout(t, p.seconds(3), func() error { return p.queue.Put(t, n.number) })
	case "get":
		return Timeout(t, p.seconds(3), func() error {
			got, err := p.queue.Get(t)
			if err == nil {
				p.say("got", got)
			}
			return err
		})
	}
	panic("there is no " + n.kind)
}
