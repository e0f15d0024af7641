package coro

import "strings"

// several are programs with more than one coroutine.
var several = map[string]func(l *eventLog){
	"trampoline": func(l *eventLog) {
		var t Trampoline
		read := func(who string, n int) *Coro {
			return t.Set.New(func(yield Yield) (any, error) {
				for i := range n {
					l.say(who, "waits", i)
					yield(nil)
				}
				return n * 10, nil
			})
		}
		fail := func(who string) *Coro {
			return t.Set.New(func(yield Yield) (any, error) {
				yield(nil)
				l.say(who, "fails")
				return nil, errKey
			})
		}
		handler := func(who string, n int) *Coro {
			return t.Set.New(func(yield Yield) (any, error) {
				l.say(who, "begins")
				line, err := yield(read(who, n))
				if err != nil {
					return nil, err
				}
				l.say(who, "read", line)
				if _, err := yield(fail(who)); err == errKey {
					l.say(who, "caught KeyError")
				}
				l.say(who, "ends")
				return nil, nil
			})
		}
		t.Add(handler("a", 2))
		t.Add(handler("b", 1))
		t.Add(handler("c", 0))
		if err := t.Run(); err != nil {
			l.say(err)
		}
		t.Add(t.Set.New(func(yield Yield) (any, error) { return yield(fail("careless")) }))
		l.say(t.Run(), "from run")
	},

	"pipeline": func(l *eventLog) {
		started := func(body Body) *Coro {
			c := l.new(body)
			c.Send(nil)
			return c
		}
		printer := func(yield Yield) (any, error) {
			defer l.say("printer closed")
			for n := 1; ; n++ {
				text, err := yield(nil)
				if err != nil {
					return nil, err
				}
				l.say("page", n, text)
			}
		}
		pager := func(perPage int, destination *Coro) Body {
			return func(yield Yield) (any, error) {
				var page []string
				for {
					word, err := yield(nil)
					if err == GeneratorExit {
						if len(page) > 0 {
							destination.Send(strings.Join(page, " "))
						}
						return nil, destination.Close()
					}
					if page = append(page, word.(string)); len(page) == perPage {
						destination.Send(strings.Join(page, " "))
						page = nil
					}
				}
			}
		}
		p := started(pager(2, started(printer)))
		for _, word := range []string{"a", "b", "c", "d", "e"} {
			p.Send(word)
		}
		p.Close()
	},

	"interleave": func(l *eventLog) {
		walk := func(who string, n int) *Coro {
			return l.new(func(yield Yield) (any, error) {
				for i := range n {
					l.say(who, i)
					if _, err := yield(nil); err != nil {
						return nil, err
					}
				}
				return nil, nil
			})
		}
		for queue := []*Coro{walk("a", 3), walk("b", 1), walk("c", 2)}; len(queue) > 0; queue = queue[1:] {
			if _, err := queue[0].Send(nil); err == nil {
				queue = append(queue, queue[0])
			} else {
				l.say("one ends")
			}
		}
	},
}
