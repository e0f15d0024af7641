package simulate

import (
	"testing"
	"time"

	"era/lab/simulated"
	"era/runnable/kit/kernel/simulation"
)

// A search tries so many schedules at most; that is less than five seconds' work.
const enough = 500

// TestMistakes: a search finds the book's own mistakes, those that a schedule or a fault can show, and does not find
// them in the servers that do without. Others are about time or memory, which a simulated machine does not measure.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		server, scenario string
		property         simulation.Property
		cure             string
	}{
		{"blocking", "one-slow", simulation.Unanswered, "threads"},
		{"blocking", "silent-backend", simulation.Unanswered, "callbacks"},
		{"nonblocking", "first", simulation.Spins, "select"},
		{"epoll-edge-once", "edge-starvation", simulation.Sleeps, "epoll-edge"},
		{"epoll-edge-drain", "edge-starvation", simulation.Unanswered, "epoll-edge"},
		{"blocking-call", "silent-backend", simulation.Unanswered, "blocking-in-thread"},
		{"forgotten-await", "forgotten-await", simulation.Mixed, "asyncawait"},
		{"asgi-blocking-call", "silent-backend", simulation.Unanswered, "asgi-in-thread"},
		{"missing-close", "missing-close", simulation.Leaks, "closing"},
		{"half-for-whole", "after-first-chunk", simulation.Mixed, "whole-or-nothing"},
	} {
		t.Run(c.server+"/"+c.scenario, func(t *testing.T) {
			i, start := stepped(t, c.server, c.scenario)
			began := time.Now()
			found, ok := i.Search(start, c.property, enough)
			if !ok {
				t.Fatalf("no schedule is %s", simulation.Properties[c.property])
			}
			t.Logf("%s: seed %d, in %v: %s", simulation.Properties[c.property], found.Seed, time.Since(began),
				replay(c.server, c.scenario, found))
			i.Restore(start)
			if _, err := i.Steps(found.List); err != nil {
				t.Error(err)
			}
			if is := i.Calm(0, c.property); is != c.property {
				t.Errorf("the shortest list shows %d", is)
			}
			if *schedules < 50 {
				return // the rest takes as long again: make simulate
			}
			i, start = stepped(t, c.cure, c.scenario)
			if found, ok := i.Search(start, c.property, 20); ok {
				t.Errorf("the cure has the mistake: %s", replay(c.cure, c.scenario, found))
			}
		})
	}
}

// mutants are servers with a planted fault, and what a search must find.
var mutants = []struct {
	name, server, scenario string
	property               simulation.Property
	change                 simulated.Change
}{
	{"ignores short writes", "select", "mixed", simulation.Unanswered, simulated.Change{
		File: "runnable/kit/machine/machine.go",
		From: "if c.outbox = c.outbox[n:]; len(c.outbox) > 0 {", To: "if c.outbox = c.outbox[n:]; false {"}},
	{"forgets EINTR", "select", "mixed", simulation.Ended, simulated.Change{
		File: "runnable/select/main.go", From: "if err == sys.EINTR {", To: "if false {"}},
	{"leaks a descriptor", "blocking/threads", "mixed", simulation.Leaks, simulated.Change{
		File: "runnable/kit/job/handle.go",
		From: "\tdefer sys.Close(conn)\n\tif err := sys.Connect(", To: "\tif err := sys.Connect("}},
	{"mixes answers", "epoll", "crowd", simulation.Mixed, simulated.Change{
		File: "runnable/kit/machine/machine.go",
		From: "func (c *Conn) hear() {", To: "var line []byte\n\nfunc (c *Conn) hear() {\n\tc.line = line\n\tdefer func() { line = c.line }()"}},
	{"does not see that its backend is gone", "select", "mixed", simulation.Unanswered, simulated.Change{
		File: "runnable/kit/machine/machine.go",
		From: "case err != nil || n == 0:\n\t\tc.answer(nil, err)", To: "case n == 0:\n\tcase err != nil:\n\t\tc.answer(nil, err)"}},
	{"asks for descriptors again and again when there are none", "select", "no-descriptors", simulation.Spins,
		simulated.Change{File: "runnable/select/main.go", From: "full = true", To: "full = false"}},
}

// TestMutants: a search finds faults that were planted. The servers without them pass the same schedules
// (TestSchedules).
func TestMutants(t *testing.T) {
	if *schedules < 50 {
		t.Skip("make simulate runs it")
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			p := load(t, m.server, m.change)
			i, start := begin(t, p, m.scenario)
			found, ok := i.Search(start, m.property, enough)
			if !ok {
				t.Fatalf("no schedule is %s", simulation.Properties[m.property])
			}
			t.Logf("%s: seed %d: %s", simulation.Properties[m.property], found.Seed, found.List)
		})
	}
}
