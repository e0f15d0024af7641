package coro

var delegation = map[string]func(l *eventLog){
	"returns": func(l *eventLog) {
		inner := func(n int) *Coro {
			return l.new(func(yield Yield) (any, error) {
				total := 0
				for i := range n {
					got, err := yield(i)
					if err != nil {
						return nil, err
					}
					total += got.(int)
				}
				return total, nil
			})
		}
		g := l.new(func(yield Yield) (any, error) {
			a, err := yield.From(inner(2))
			if err != nil {
				return nil, err
			}
			l.say("a", a)
			b, err := yield.From(inner(0))
			if err != nil {
				return nil, err
			}
			l.say("b", b)
			return a.(int) + b.(int), nil
		})
		l.out(g.Send(nil))
		l.out(g.Send(10))
		l.out(g.Send(20))
	},

	"delegate": func(l *eventLog) {
		inner := func(yield Yield) (any, error) {
			defer l.say("inner finally")
			for {
				got, err := yield("in")
				switch err {
				case nil:
					l.say("inner got", got)
				case errKey:
					l.say("inner caught KeyError")
				case GeneratorExit:
					l.say("inner GeneratorExit")
					return nil, err
				default:
					return nil, err
				}
			}
		}
		outer := func(yield Yield) (any, error) {
			defer l.say("outer finally")
			_, err := yield.From(l.new(inner))
			if err == errValue {
				l.say("outer caught ValueError")
				_, err = yield("after")
			}
			return nil, err
		}
		g := l.new(outer)
		l.out(g.Send(nil))
		l.out(g.Send(1))
		l.out(g.Throw(errKey))
		l.out(g.Throw(errValue))
		g.Close()
		g = l.new(outer)
		g.Send(nil)
		g.Close()
	},

	"looping": func(l *eventLog) {
		kept := l.new(func(yield Yield) (any, error) {
			defer l.say("inner finally")
			for {
				got, err := yield("in")
				if err == errKey {
					l.say("inner caught KeyError")
				}
				if err != nil {
					return nil, err
				}
				if got == nil {
					got = "None"
				}
				l.say("inner got", got)
			}
		})
		g := l.new(func(yield Yield) (any, error) {
			for {
				out, err := kept.Send(nil)
				if err != nil {
					return nil, err
				}
				got, err := yield(out)
				if err != nil {
					return nil, err
				}
				l.say("outer got", got)
			}
		})
		l.out(g.Send(nil))
		l.out(g.Send(1))
		l.out(g.Throw(errKey))
		l.say("inner not told")
		kept.Close()
	},
}
