package coro

import (
	"errors"
	"maps"
)

// programs are the counterparts of testdata/*.py.
var programs = map[string]func(l *eventLog){}

func init() {
	maps.Copy(programs, basics)
	maps.Copy(programs, delegation)
	maps.Copy(programs, several)
}

var basics = map[string]func(l *eventLog){
	"send": func(l *eventLog) {
		c := l.new(func(yield Yield) (any, error) {
			for n := 1; n < 7; {
				got, _ := yield(n)
				if got == nil {
					l.say("got", "None")
					n++
					continue
				}
				l.say("got", got)
				n = got.(int)
			}
			return nil, nil
		})
		l.out(c.Send(5))
		l.out(c.Send(nil))
		l.out(c.Send(nil))
		l.out(c.Send(4))
		l.out(c.Send(6))
		l.out(c.Send(9))
		l.out(c.Send(9))
	},

	"throw": func(l *eventLog) {
		body := func(yield Yield) (any, error) {
			l.say("started")
			if _, err := yield(1); err == errKey {
				l.say("caught KeyError")
			} else if err != nil {
				return nil, err
			}
			got, err := yield(2)
			if err != nil {
				return nil, err
			}
			l.say("got", got)
			defer l.say("finally")
			_, err = yield(3)
			return nil, err
		}
		g := l.new(body)
		l.out(g.Send(nil))
		l.out(g.Throw(errKey))
		l.out(g.Send("x"))
		l.out(g.Throw(errValue))
		_, err := g.Throw(errKey)
		l.say(err, "from the finished")
		l.out(g.Send(nil))
		g = l.new(body)
		_, err = g.Throw(errKey)
		l.say(err.Error() + ", not started")
		l.out(g.Send(nil))
	},

	"close": func(l *eventLog) {
		polite := func(yield Yield) (any, error) {
			_, err := yield(1)
			if err == GeneratorExit {
				l.say("polite: GeneratorExit")
			}
			l.say("polite: finally")
			return nil, err
		}
		quiet := func(yield Yield) (any, error) {
			if _, err := yield(1); err == GeneratorExit {
				l.say("quiet: return")
			}
			return nil, nil
		}
		stubborn := func(yield Yield) (any, error) {
			if _, err := yield(1); err == GeneratorExit {
				l.say("stubborn: GeneratorExit")
				if _, err := yield(2); err != nil {
					return nil, err
				}
			}
			l.say("stubborn: not reached")
			return nil, nil
		}
		failing := func(yield Yield) (any, error) {
			yield(1)
			return nil, errKey
		}
		for _, body := range []Body{polite, quiet, stubborn, failing} {
			g := l.new(body)
			l.out(g.Send(nil))
			l.closed(g.Close())
			l.closed(g.Close())
		}
		l.closed(l.new(polite).Close())
		g := l.new(polite)
		g.Close()
		if _, err := g.Send(nil); errors.As(err, new(*StopIteration)) {
			l.say("StopIteration after close")
		}
	},

	"leak": func(l *eventLog) {
		body := func(yield Yield) (any, error) {
			yield(1)
			return nil, &StopIteration{5}
		}
		nextOfEmpty := func(yield Yield) (any, error) {
			yield(1)
			_, err := l.new(func(Yield) (any, error) { return nil, nil }).Send(nil)
			return nil, err
		}
		for _, body := range []Body{body, nextOfEmpty} {
			g := l.new(body)
			l.out(g.Send(nil))
			l.out(g.Send(nil))
			l.out(g.Send(nil))
		}
	},

	"executing": func(l *eventLog) {
		var g *Coro
		g = l.new(func(yield Yield) (any, error) {
			_, err := g.Send(nil)
			l.say(name(err))
			_, err = g.Throw(errKey)
			l.say(name(err))
			l.say(name(g.Close()))
			_, err = yield(1)
			return nil, err
		})
		l.out(g.Send(nil))
		g.Close()
	},

	"nested_close": func(l *eventLog) {
		for _, what := range []string{"returns", "yields", "fails"} {
			inner := func(yield Yield) (any, error) {
				if _, err := yield(1); err == GeneratorExit {
					l.say("inner", what)
					switch what {
					case "yields":
						_, err := yield(2)
						return nil, err
					case "fails":
						return nil, errKey
					}
				}
				return nil, nil
			}
			g := l.new(func(yield Yield) (any, error) {
				_, err := yield.From(l.new(inner))
				l.say("outer", name(err))
				return nil, err
			})
			g.Send(nil)
			l.closed(g.Close())
		}
	},
}
