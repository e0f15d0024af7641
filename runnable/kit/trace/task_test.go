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
	for i, want := range []Event{{Kind: Read, Task: 7}, {Kind: Read, Task: 0},
		{Kind: TaskStep, Task: 7, Arg: 5, At: since}} {
		e, ok := r.Next()
		if !ok || e.Kind != want.Kind || e.Task != want.Task || e.Arg != want.Arg || want.At != 0 && e.At != want.At {
			t.Errorf("event %d: %+v, want %+v", i, e, want)
		}
	}
}

// BenchmarkPark is what a task's park adds to its switch: the source line is looked for up the stack.
func BenchmarkPark(b *testing.B) {
	attach(b, 1<<10) // full soon, so this is without the reader's part
	for b.Loop() {
		deep(6)
	}
}

//go:noinline
func deep(n int) {
	if n == 0 {
		Step(TaskPark, 1, 0, -1, 0)
		return
	}
	deep(n - 1)
}
