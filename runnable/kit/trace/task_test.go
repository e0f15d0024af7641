//go:build linux || darwin

package trace

import "testing"

func TestWorkFor(t *testing.T) {
	r := attach(t, 8)
	if before := WorkFor(7); before != 0 {
		t.Errorf("before the first task there was %d", before)
	}
	sysCall(Read, 3, 1, 0, 0)
	if before := WorkFor(0); before != 7 {
		t.Errorf("the thread worked for %d, want 7", before)
	}
	sysCall(Read, 3, 1, 0, 0)
	since := Now()
	Step(TaskStep, 7, since, -1, 5)
	for i, want := range []Event{{Kind: Read, Task: 7}, {Kind: Read, Task: 0}, {Kind: TaskStep, Task: 7, Arg: 5, At: since}} {
		e, ok := r.Next()
		if !ok || e.Kind != want.Kind || e.Task != want.Task || e.Arg != want.Arg || want.At != 0 && e.At != want.At {
			t.Errorf("event %d: %+v, want %+v", i, e, want)
		}
	}
}
