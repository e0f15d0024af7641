package readiness

var kinds = []struct {
	name string
	make func() (Selector, error)
}{{"select", NewSelect}, {"poll", NewPoll}, {"epoll", NewEpoll}, {"lazy", NewLazy}}
