package readiness

var kinds = []struct {
	name string
	make func() (Selector, error)
}{{"select", NewSelect}, {"poll", NewPoll}, {"kqueue", NewKqueue}, {"lazy", NewLazy}}
