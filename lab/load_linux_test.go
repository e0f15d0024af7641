package lab

import (
	"testing"
	"time"
)

// A processor is busy unless it is idle or waits for a disk. Processors that this process may not use do not count.
func TestBusyTime(t *testing.T) {
	const stat = `cpu  900 0 0 900 0 0 0 0 0 0
cpu0 1 2 4 1000 2000 8 16 32 1 1
cpu1 100 0 0 1000 0 0 0 0 0 0
cpu2 500 0 0 0 0 0 0 0 0 0
intr 99 1 2 3 4 5 6 7 8 9
`
	processors, busy := busyTime(stat, func(cpu int) bool { return cpu < 2 })
	if want := 1630 * time.Millisecond; processors != 2 || busy != want {
		t.Errorf("%d processors busy for %v, want 2 and %v", processors, busy, want)
	}
}

// The servers' time and this process's own are the experiment's, all else is that of other programs.
func TestLoadOfARun(t *testing.T) {
	r := run(t, "cpu-hog", map[string]string{"ms": "300ms"}, "blocking")
	l := r.Result.Load
	if l == nil {
		t.Fatal("the load was not measured")
	}
	if l.Processors < 1 || l.Ours <= 0 || l.Others < 0 || l.Ours+l.Others > float64(l.Processors) {
		t.Errorf("load: %+v", *l)
	}
}
