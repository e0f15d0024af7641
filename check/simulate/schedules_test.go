// Package simulate runs the book's Go servers on the simulated kernel, through random schedules with faults.
package simulate

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"era/catalogue"
	"era/lab/simulated"
	"era/lab/simulated/script"
	"era/runnable/kit/kernel/simulation"
)

func TestMain(m *testing.M) {
	if err := catalogue.Load(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// load compiles the server in a folder below runnable.
func load(t *testing.T, folder string, changes ...simulated.Change) *simulated.Program {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	code, err := simulated.Build(t.Context(), root, "runnable/"+folder, changes...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := simulated.Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(t.Context()) })
	return p
}

// stepped is a server of the catalogue in a scenario.
func stepped(t *testing.T, server, scenario string) (*simulated.Instance, []byte) {
	t.Helper()
	folder, args, err := simulated.Server(server)
	if err != nil {
		t.Fatal(err)
	}
	return begin(t, load(t, folder), scenario, args...)
}

// replay is the command that shows a run again.
func replay(server, scenario string, found simulated.Found) string {
	return fmt.Sprintf("go run ./cmd/serve simulate -server %s -scenario %s -choices '%s'", server, scenario, found.List)
}

// begin starts a run in a scenario.
func begin(t *testing.T, p *simulated.Program, scenario string, args ...string) (*simulated.Instance, []byte) {
	t.Helper()
	text, err := script.Script(scenario)
	if err != nil {
		t.Fatal(err)
	}
	i, err := p.Start(t.Context(), text, append(args, script.Args()...)...)
	if err != nil {
		t.Fatal(err)
	}
	return i, i.Snapshot()
}

var schedules = flag.Int("schedules", 5, "how many random schedules each server runs through")

// TestSchedules runs each server through random schedules with faults: what is sent arrives byte by byte and late,
// writes take one byte, signals interrupt waits, clients reset, descriptors are used up, the backend dies. Each answer
// must be right, none may be missing, and nothing may be left.
func TestSchedules(t *testing.T) {
	for _, server := range script.Servers() {
		if strings.Contains(server, "mistakes") {
			continue
		}
		t.Run(server, func(t *testing.T) {
			p := load(t, server)
			i, start := begin(t, p, "mixed")
			began, steps := time.Now(), 0
			for seed := range uint64(*schedules) {
				is := i.Schedule(start, seed, 0)
				steps += strings.Count(i.Taken(), " ") + 1
				if server == "blocking" && (is == simulation.Unanswered || is == simulation.Sleeps) {
					continue // a client that waits holds up the others: that is its nature
				}
				if is != 0 {
					found, _ := i.Search(start, is, int(seed)+1)
					t.Errorf("%s: %s\n%s", simulation.Properties[is], replay(server, "mixed", found), i.State())
					break
				}
				if i.Ended != nil {
					t.Fatalf("seed %d: %v", seed, i.Ended)
				}
			}
			took := time.Since(began)
			t.Logf("%d schedules, %d steps, %v a step, %.0f schedules a second", *schedules, steps,
				took/time.Duration(max(steps, 1)), float64(*schedules)/took.Seconds())
		})
	}
}
