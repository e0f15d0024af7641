package lab

import (
	"slices"
	"strings"
	"testing"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/scenario"
	"era/runnable/kit/trace"
)

// While one request computes, other clients are answered where there are threads besides its own: a loop has one, in
// all languages. On a machine that is busy with other things, one or two get through on either side, so the majority
// counts.
func TestCPUHog(t *testing.T) {
	alone := func(s catalogue.Server) bool {
		return !slices.Contains([]string{"threads", "selectthreads", "goroutines", "wsgi", "wsgi-workers", "micro",
			"asgi-goroutines"}, s.ID)
	}
	var names []string
	for _, s := range catalogue.Servers() {
		if s.DoesTheJob() {
			names = append(names, everyVersion(s.ID)...)
		}
	}
	for some := range slices.Chunk(names, scenario.SideBySide) {
		for i, s := range run(t, "cpu-hog", map[string]string{"ms": "2s"}, some...).Result.Servers {
			v, err := catalogue.Find(some[i])
			if err != nil {
				t.Fatal(err)
			}
			if alone(v.Server) {
				wantWords(t, s, "its thread made no call at all")
			}
			answered := s.PerGroup["fast"].Requests.Answered
			if alone(v.Server) != (answered < 10) || s.PerGroup["hog"].Requests.Answered != 1 {
				t.Errorf("%s/%s: %s", s.ID, s.Language, s.Verdict)
			}
		}
	}
}

// All clients are answered in the end; a full listen queue is reported.
func TestStorm(t *testing.T) {
	for _, s := range run(t, "storm", nil, append(inBoth("blocking", "epoll", "asyncawait"), "epoll/c",
		"goroutines")...).Result.Servers {
		if s.Requests.Answered != 400 {
			t.Errorf("%s/%s: %+v, want 400 answered", s.ID, s.Language, s.Requests)
		}
		again := strings.Contains(s.Verdict, "found the listen queue full")
		if again == strings.Contains(s.Verdict, "No client had to try again") {
			t.Errorf("want it said whether a client had to try again: %s", s.Verdict)
		}
		if late := s.Latency.Max >= toMS(resend); again && !late {
			t.Errorf("%s, in %v ms", s.Verdict, s.Latency.Max)
		}
	}
}

// Silent connections keep no generation from answering the asking clients, except the one that serves one client at a
// time.
func TestC10KForAllServers(t *testing.T) {
	var names []string
	for _, s := range catalogue.Servers() {
		if s.DoesTheJob() && s.Has(catalogue.Go) && s.ID != "wsgi-workers" { // it closes after each reply
			names = append(names, s.ID)
		}
	}
	for len(names) > 0 {
		some := names[:min(recording.MaxServers, len(names))]
		names = names[len(some):]
		for _, s := range run(t, "c10k", map[string]string{"idle": "100", "active": "5", "seconds": "1"},
			some...).Result.Servers {
			want := 5 * 10
			if s.ID == "blocking" {
				want = 0
			}
			if got := s.PerGroup["active"].Requests.Answered; got != want {
				t.Errorf("%s answered %d, want %d: %s", s.ID, got, want, s.Verdict)
			}
		}
	}
}

// A gap is the time between two calls of the same thread; events of the layers above do not end it.
func TestGaps(t *testing.T) {
	var g gaps
	for _, e := range []trace.Event{
		{Kind: trace.Read, Thread: 1, At: 100, Took: 50},
		{Kind: trace.Write, Thread: 2, At: 900, Took: 10},
		{Kind: trace.TaskStep, Thread: 1, At: 160, Took: 500},
		{Kind: trace.Write, Thread: 1, At: 450, Took: 600},
		{Kind: trace.Read, Thread: 2, At: 1000, Took: 10},
	} {
		g.add(e)
	}
	if g.longest != 300 {
		t.Errorf("longest gap %d ns, want 300", g.longest)
	}
}
