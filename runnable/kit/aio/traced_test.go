//go:build linux || darwin

package aio

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"era/runnable/kit/trace"
)

// TestTraces: every layer records what it does, for which task, and where in the program.
func TestTraces(t *testing.T) {
	dir := t.TempDir()
	binary, path := filepath.Join(dir, "traced"), filepath.Join(dir, "trace")
	if out, err := exec.Command("go", "build", "-o", binary, "./testdata/traced").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	r, err := trace.Create(path, 1<<14)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	program := exec.Command(binary)
	program.Env = append(os.Environ(), trace.Env+"="+path)
	if out, err := program.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}

	byKind := map[trace.Kind][]trace.Event{}
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		byKind[e.Kind] = append(byKind[e.Kind], e)
	}
	if r.Dropped() > 0 {
		t.Errorf("%d events dropped", r.Dropped())
	}
	for kind, want := range map[trace.Kind]int{
		trace.CoCreate: 1, trace.CoResume: 2, trace.CoYield: 1, trace.CoClose: 1,
		trace.TaskSpawn: 2, trace.TaskExit: 2, trace.TaskCancel: 1, trace.Timer: 1, trace.BufferHigh: 1, trace.BufferLow: 1,
	} {
		if got := byKind[kind]; len(got) != want {
			t.Errorf("%d of %v, want %d: %+v", len(got), kind, want, got)
		}
	}
	source, err := os.ReadFile("testdata/traced/main.go")
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Count(strings.Split(string(source), "// parks here")[0], "\n") + 1
	if len(byKind[trace.TaskPark]) == 0 {
		t.Fatal("no task parked")
	}
	park := byKind[trace.TaskPark][0]
	if want := "kit/aio/testdata/traced/main.go:" + strconv.Itoa(line); park.Site != want || Reason(park.Arg) != ForTime ||
		park.Task != byKind[trace.TaskSpawn][0].Task {
		t.Errorf("parked: %+v, want at %s", park, want)
	}
	steps := map[uint32]int{}
	for _, e := range byKind[trace.TaskStep] {
		if steps[e.Task]++; e.Took == 0 {
			t.Errorf("a step without duration: %+v", e)
		}
	}
	if len(steps) != 2 || steps[byKind[trace.TaskSpawn][1].Task] != 2 {
		t.Errorf("steps by task: %v, want two of the sleeper's", steps)
	}
	for _, e := range byKind[trace.SetNonblock][len(byKind[trace.SetNonblock])-2:] {
		if e.Task != park.Task {
			t.Errorf("a call of the first task: %+v", e)
		}
	}
	if how := byKind[trace.TaskExit][0].Arg; how != 2 {
		t.Errorf("the cancelled task exits with %d", how)
	}
	if len(byKind[trace.LoopTurn]) == 0 {
		t.Error("no turn of the loop")
	}
}
