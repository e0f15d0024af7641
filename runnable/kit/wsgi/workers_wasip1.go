package wsgi

import "errors"

// Workers are processes, which the simulated machine does not have. The build for it leaves out those that are
// (lab/simulated).
type Workers struct {
	App App
	N   int
}

func (*Workers) Serve(int) error {
	return errors.New("worker processes are not on the simulated kernel")
}
func (*Workers) Stop() {}

func Inherited() (listener int, ok bool) { return 0, false }
