package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// simulateCommand runs the command in this process.
func simulateCommand(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = simulate(t.Context(), args, &out, &err)
	return status, out.String(), err.String()
}

func TestSimulateRefuses(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"-server goroutines", "cannot be stepped; these can: blocking"},
		{"-server select -scenario rush", `no scenario "rush"`},
		{"-server select -search luck", `no property "luck"; there are: unanswered`},
		{"-server select -seed 1 -choices t1", "want one of"},
	} {
		status, _, stderr := simulateCommand(t, strings.Fields(c.args)...)
		if status != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: status %d, %s", c.args, status, stderr)
		}
	}
	if status, stdout, _ := simulateCommand(t, "-list"); status != 0 || !strings.Contains(stdout, "one-slow") {
		t.Errorf("-list: status %d, %s", status, stdout)
	}
}

// TestSleeps: a server that sleeps, as no descriptor is free, goes on when the clock has moved.
func TestSleeps(t *testing.T) {
	t.Chdir("../..")
	_, stdout, stderr := simulateCommand(t, "-server", "blocking", "-scenario", "first", "-choices",
		"t1 t1 t1 t1 e1 t1 k t1 t1")
	for _, want := range []string{"accept(3) fails with EMFILE", "nanosleep(10ms) waits", "accept(3) waits"} {
		_, rest, is := strings.Cut(stdout, want)
		if !is {
			t.Fatalf("want %q next: %s%s", want, stdout, stderr)
		}
		stdout = rest
	}
}

// TestSimulate: a search finds how a slow client holds up the others, and its list is the same run again.
func TestSimulate(t *testing.T) {
	t.Chdir("../..") // where serve starts it
	status, stdout, stderr := simulateCommand(t, "-server", "blocking", "-scenario", "one-slow", "-search", "unanswered",
		"-json")
	var found simulatedRun
	if err := json.Unmarshal([]byte(stdout), &found); err != nil || status != 0 {
		t.Fatalf("status %d, %v, %s", status, err, stderr)
	}
	last := found.Steps[len(found.Steps)-1]
	if found.Property != "unanswered" || found.Steps[0].Said != "socket() = 3" || found.Clients[1].Answered != 0 ||
		!strings.HasPrefix(found.Steps[0].Site, "kit/job/job.go:") {
		t.Errorf("found %+v, the last step is %+v", found, last)
	}
	status, stdout, stderr = simulateCommand(t, "-server", "blocking", "-scenario", "one-slow", "-choices",
		strings.ReplaceAll(found.Choices, " ", "."))
	if status != 0 || !strings.Contains(stdout, last.Said) || !strings.Contains(stdout, "0 of 1 replies") {
		t.Errorf("status %d, %s, %s", status, stdout, stderr)
	}
	status, stdout, stderr = simulateCommand(t, "-server", "blocking", "-choices", "t1 b9")
	if status != 1 || !strings.Contains(stderr, `choice 2: there is no choice "b9"; there are: t1`) ||
		!strings.Contains(stdout, "socket() = 3") {
		t.Errorf("a choice that there is not: status %d, %s, %s", status, stdout, stderr)
	}
}
