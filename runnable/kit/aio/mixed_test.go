//go:build linux || darwin

package aio

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// mixed are programs made by chance, as testdata/mixed.py makes them.
var mixed = map[string]func(l *eventLog, t *Task) error{
	"mixed": func(l *eventLog, t *Task) error {
		for seed := 1; seed <= 2000; seed++ {
			p := &program{log: l, dice: uint32(seed), began: l.now()}
			tree := p.make(4)
			f := t.Go(func(t *Task) error { return p.do(t, tree) })
			for range p.below(3) {
				Sleep(t, p.seconds(p.below(3)))
				f.Cancel()
			}
			p.say(outcome(t, f), f.task.Cancelling())
			for i := 0; i < len(p.aside); i++ { // one may start another
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
	aside  []*Future[None] // tasks that may outlive what started them
	timers int
}

func (p *program) below(n int) int {
	p.dice = (p.dice*1103515245 + 12345) % (1 << 31)
	return int(p.dice>>16) % n
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

// node is what to do: its kind, a number, and what is within it.
type node struct {
	kind, number int
	kids         []*node
}

func (p *program) make(depth int) *node {
	n := &node{kind: p.below(map[bool]int{true: 11, false: 4}[depth > 0])}
	n.number = p.below(4)
	for range [...]int{0, 0, 0, 0, 2, 1 + n.number, 1, 1, 2, 2, 1}[n.kind] {
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
	switch n.kind {
	case 0, 1, 2:
		return Sleep(t, p.seconds(n.number))
	case 3:
		return errKey
	case 4:
		for _, kid := range n.kids {
			if err := p.do(t, kid); err != nil {
				return err
			}
		}
	case 5:
		return WithGroup(t, func(g *Group) error {
			for _, kid := range n.kids[1:] {
				g.Go(func(t *Task) error { return p.do(t, kid) })
			}
			return p.do(t, n.kids[0])
		})
	case 6:
		return Timeout(t, p.seconds(n.number), func() error { return p.do(t, n.kids[0]) })
	case 7:
		err := p.do(t, n.kids[0])
		if errors.Is(err, Cancelled) {
			return err
		}
		if err != nil {
			p.say(name(err), t.Cancelling())
		}
	case 8:
		if err := p.do(t, n.kids[0]); errors.Is(err, Cancelled) {
			p.say("deaf", t.Cancelling())
			if n.number > 0 {
				t.Uncancel()
			}
		} else if err != nil {
			return err
		}
		return p.do(t, n.kids[1])
	case 9:
		if n.number >= 2 {
			err := p.do(t, n.kids[0])
			if cleanup := p.do(t, n.kids[1]); cleanup != nil {
				return cleanup
			}
			return err
		}
		var all []*Future[None]
		for _, kid := range n.kids {
			all = append(all, p.start(t, kid))
		}
		_, err := Await(t, Gather(t, all...))
		return err
	case 10:
		_, err := Await(t, Shield(p.start(t, n.kids[0])))
		return err
	}
	return nil
}
