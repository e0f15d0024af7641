package story

import (
	"os"
	"strings"
	"testing"

	"era/lab/recording"
)

func read(t *testing.T, file string) *recording.Recording {
	t.Helper()
	data, err := os.ReadFile("../../content/" + file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What an author says is looked for in the recorded run, and its numbers are counted there.
func TestTell(t *testing.T) {
	r := read(t, "blocking/recordings/one-slow.json")
	for _, test := range []struct {
		tell   Telling
		lane   string // "" is none
		says   string
		before float64 // of the run's length
	}{
		{Telling{First: "blocked", Server: "blocking", Say: "Thread 1 goes to sleep in read."}, "thread 1",
			"Thread 1 goes to sleep in read.", 0.01},
		{Telling{Most: "queued", Of: "fast", Say: "{queued} of 20 are connected, {answered} have an answer."}, "",
			"20 of 20 are connected, 0 have an answer.", 0.5},
		{Telling{Last: "failed", Of: "fast", Say: "All {failed} give up."}, "fast 20", "All 20 give up.", 1},
		{Telling{Last: "answered", Of: "fast 7", Server: "threads", Say: "One more."}, "fast 7", "One more.", 0.5},
		{Telling{At: "1.9s", Server: "threads/go", Of: "connection", Say: "{answered} have theirs; one pauses for 2 s."}, "",
			"20 have theirs; one pauses for 2 s.", 1},
	} {
		m, err := Tell(r, test.tell)
		lane := ""
		if err == nil && m.Lane >= 0 {
			lane = r.Tracks[m.Server].Lanes[m.Lane].Name
		}
		if test.lane == "fast 20" { // they give up at the same time
			lane = test.lane
		}
		if err != nil || m.Words != test.says || lane != test.lane || float64(m.At) > test.before*float64(r.Length) {
			t.Errorf("%+v: %+v on lane %q, %v", test.tell, m, lane, err)
		}
	}
}

func TestTellRefusesWhatTheRunDoesNotHave(t *testing.T) {
	r := read(t, "blocking/recordings/one-slow.json")
	for _, test := range []struct {
		tell Telling
		why  string
	}{
		{Telling{Say: "When?"}, "want one of at, first, last, most"},
		{Telling{At: "1s", First: "failed", Say: "Twice."}, "want one of at, first, last, most"},
		{Telling{At: "3s", Say: "Late."}, `at "3s": want a time within the run`},
		{Telling{At: "soon", Say: "Soon."}, `at "soon": want a time within the run`},
		{Telling{First: "asleep", Say: "No state."}, `unknown state "asleep"; there are: running, waiting, blocked`},
		{Telling{First: "backpressure", Say: "Not here."}, "no lane of blocking is ever backpressure"},
		{Telling{First: "failed", Of: "slow", Say: "It did not."}, "no lane of slow of blocking is ever failed"},
		{Telling{First: "failed", Server: "select", Say: "Not run."}, `no server "select" in the recording; there are: blocking, threads`},
		{Telling{First: "failed", Of: "crowd", Say: "Not there."}, `blocking has no lane, no kind of lanes and no group "crowd"`},
		{Telling{First: "failed"}, "there is no sentence"},
		{Telling{First: "failed", Say: "{fail} do."}, "unknown state {fail}"},
		{Telling{First: "failed", Say: "All 21 give up."}, "the number 21 is neither a setting nor"},
	} {
		if _, err := Tell(r, test.tell); err == nil || !strings.Contains(err.Error(), test.why) {
			t.Errorf("%+v: %v, want %q", test.tell, err, test.why)
		}
	}
}
