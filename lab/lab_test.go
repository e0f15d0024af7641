package lab

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"era/catalogue"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
	"era/runnable/kit/trace"
)

// TestMain makes the test binary the supervisor of the servers that the tests start.
func TestMain(m *testing.M) {
	process.MaybeSupervise()
	os.Exit(m.Run())
}

func everyVersion(ids ...string) (names []string) {
	for _, s := range catalogue.Servers() {
		for _, l := range s.Languages {
			if len(ids) == 0 || slices.Contains(ids, s.ID) {
				names = append(names, catalogue.Variant{Server: s, Language: l}.String())
			}
		}
	}
	return names
}

// While the slow client is silent, blocking answers no fast client and every other server all of them, in all
// languages.
func TestOneSlow(t *testing.T) {
	var names []string
	for _, server := range catalogue.Servers() {
		if server.DoesTheJob() {
			names = append(names, everyVersion(server.ID)...)
		}
	}
	for some := range slices.Chunk(names, scenario.SideBySide) {
		for _, s := range run(t, "one-slow", map[string]string{"pause": "1s"}, some...).Result.Servers {
			want := 20
			if s.ID == "blocking" {
				want = 0
			}
			if got := s.PerGroup["fast"].Requests.Answered; got != want || s.PerGroup["slow"].Requests.Answered != 1 {
				t.Errorf("%s/%s answered %d fast clients, want %d: %s", s.ID, s.Language, got, want, s.Verdict)
			}
			if s.ID == "blocking" && !(strings.Contains(s.Verdict, "it sat in read(fd ") &&
				strings.Contains(s.Verdict, "runnable/kit/")) {
				t.Errorf("%s: the verdict does not say where it sat: %s", s.Language, s.Verdict)
			}
		}
	}
}

func TestCrowd(t *testing.T) {
	r := run(t, "crowd", map[string]string{"clients": "8", "delay": "20ms"}, "blocking", "threads", "select")
	for _, s := range r.Result.Servers {
		alone := strings.Contains(s.Verdict, "never had more than one question at a time")
		if s.Requests.Answered != 8 || alone != (s.ID == "blocking") {
			t.Errorf("want 8 answered, and one question at a time: %v: %s", s.ID == "blocking", s.Verdict)
		}
		if backend := int64(8); s.Syscalls["connect"] != backend || s.Syscalls["accept"] < 8 {
			t.Errorf("%s: %v", s.ID, s.Syscalls)
		}
	}
}

func TestResetAndTrickle(t *testing.T) {
	servers := []string{"blocking", "threads", "nonblocking", "select", "selectthreads"}
	for _, s := range run(t, "reset", nil, servers...).Result.Servers {
		if s.PerGroup["polite"].Requests.Answered != 20 || s.Exit != "" {
			t.Errorf("%s %s", s.Verdict, s.Exit)
		}
	}
	for _, s := range run(t, "trickle", nil, servers...).Result.Servers {
		if s.Requests.Answered != 15 {
			t.Errorf("%s %+v", s.Verdict, s.Requests)
		}
	}
}

// Only system calls are counted. An untraced server has no counts and says why.
func TestOnlyCallsAreCounted(t *testing.T) {
	calls := map[string]bool{}
	for _, kind := range trace.Kinds() {
		calls[kind.String()] = kind.IsCall()
	}
	r := run(t, "crowd", map[string]string{"clients": "3", "delay": "1ms"}, "callbacks", "coroutine", "asyncawait",
		"goroutines")
	for _, s := range r.Result.Servers {
		for name := range s.Syscalls {
			if !calls[name] {
				t.Errorf("%s: %s is counted as a system call", s.ID, name)
			}
		}
		if untraced := s.ID == "goroutines"; (len(s.Syscalls) == 0) != untraced || s.Traced.Seen() == untraced {
			t.Errorf("%s: traced %+v, calls %v", s.ID, s.Traced, s.Syscalls)
		}
		if s.Requests.Answered != 3 {
			t.Errorf("want 3 answered: %s", s.Verdict)
		}
	}
}

func TestSlowReader(t *testing.T) {
	r := run(t, "slow-reader", map[string]string{"pause": "1s"}, "blocking", "select")
	blocking, sel := r.Result.Servers[0], r.Result.Servers[1]
	if blocking.PerGroup["fast"].Requests.Answered != 0 || !strings.Contains(blocking.Verdict, "it sat in write(fd ") {
		t.Errorf("want 0 fast clients answered, and where it sat: %s", blocking.Verdict)
	}
	if sel.PerGroup["fast"].Requests.Answered != 20 || sel.PerGroup["slow-reader"].Requests.Answered != 1 {
		t.Errorf("want 20 fast clients answered, and the slow reader: %s", sel.Verdict)
	}
}

// Two languages fail in two ways when a descriptor does not fit into select's set. The server in C refuses that client.
// Each call of select looks at a thousand descriptors, which takes long on a busy machine. So the servers run one after
// the other, and more connections than are needed keep coming while a server is slow.
func TestFDSetsize(t *testing.T) {
	words := map[string]string{"go": "panic: ", "python": "ValueError: filedescriptor out of range in select()"}
	for _, version := range everyVersion("select") {
		s := run(t, "fd-setsize", map[string]string{"sockets": "3700"}, version).Result.Servers[0]
		if s.Language == "c" {
			if idle := s.PerGroup["idle"].Requests; s.Exit != "" || idle.Answered < 1000 || idle.Answered == idle.Sent {
				t.Errorf("C: %d of %d answered, ended with %q: %s", idle.Answered, idle.Sent, s.Exit, s.Verdict)
			}
			continue
		}
		if !strings.Contains(s.Exit, words[s.Language]) || !strings.Contains(s.Verdict, "ended after 1,0") ||
			!strings.Contains(s.Verdict, "(FD_SETSIZE)") {
			t.Errorf("%s ended with %q: %s", s.Language, s.Exit, s.Verdict)
		}
	}
}

// stopper stops an experiment when a call has lasted for 100 ms, and adds up what it receives.
type stopper struct {
	unwatched
	stop  func()
	now   int64
	track Tracks
}

func (s *stopper) Batch(b Batch) {
	t := b.Tracks[0]
	s.now, s.track.Open = b.Now, t.Open
	s.track.Lanes, s.track.Marks = append(s.track.Lanes, t.Lanes...), append(s.track.Marks, t.Marks...)
	for _, m := range t.Open {
		if m.Call != "" && m.Took > 100e6 {
			s.stop()
		}
	}
}

// What goes on when an experiment is stopped is cut off there. Nothing that its end causes is in the picture: the call
// does not return, its thread does not seem to have been running, and no client gives up.
func TestStops(t *testing.T) {
	for _, name := range []string{"blocking", "blocking/python"} {
		v, err := catalogue.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		e, err := scenario.New("one-slow", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		e.Servers = []catalogue.Variant{v}
		seen := &stopper{stop: cancel}
		if _, err = New(Options{Root: ".."}).Run(ctx, e, seen); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: stopped with %v", name, err)
		}
		cut := map[string][]string{} // what was cut off, by lane
		for _, m := range seen.track.Marks {
			lane := seen.track.Lanes[m.Lane].Name
			if seen.track.CutOff(m, seen.now) {
				cut[lane] = append(cut[lane], string(m.State)+" "+m.Call)
			} else if m.State == recording.Failed || m.State == recording.Running && m.Took > 100e6 {
				t.Errorf("%s: %s on %s for %d ms: %s", name, m.State, lane, m.Took/1e6, m.Errno)
			}
		}
		if got := cut["thread 1"]; !slices.Equal(got, []string{"blocked read"}) {
			t.Errorf("%s: thread 1 was cut off in %q, want its read", name, got)
		}
		if got := cut["fast 1"]; !slices.Equal(got, []string{"queued "}) {
			t.Errorf("%s: a client that waited was cut off as %q", name, got)
		}
		if len(seen.track.Open) > 0 || seen.track.Died != 0 {
			t.Errorf("%s: after the end %d marks are open, and the server died at %d", name, len(seen.track.Open), seen.track.Died)
		}
	}
}

func TestImpossibleExperiments(t *testing.T) {
	v, err := catalogue.Find("select")
	if err != nil {
		t.Fatal(err)
	}
	for want, servers := range map[string][]catalogue.Variant{
		"1 to 8 servers":  nil,
		"cannot run here": {{Server: v.Server, Language: "cobol"}},
		"is missing":      {{Server: catalogue.Server{ID: "none", Folder: "none"}, Language: "go"}},
	} {
		e, err := scenario.New("one-slow", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		e.Servers = servers
		if _, err := New(Options{Root: ".."}).Run(t.Context(), e, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Clients that keep asking are answered beside many silent ones; poll passes the whole list, epoll none.
func TestC10K(t *testing.T) {
	r := run(t, "c10k", map[string]string{"idle": "600", "active": "10", "seconds": "1"}, "poll", "epoll", "epoll/python",
		"epoll/c")
	for _, s := range r.Result.Servers {
		if s.Requests.Answered != 600+10*10 || s.Requests.Failed != 0 {
			t.Errorf("%s/%s: %s", s.ID, s.Language, s.Verdict)
		}
		if handed := "handed it no list"; strings.Contains(s.Verdict, handed) != (s.ID == "epoll") && s.Traced.Seen() {
			t.Errorf("%s/%s: %s", s.ID, s.Language, s.Verdict)
		}
		if grew := strings.Contains(s.Verdict, "for each of 610 connections"); s.RSSKBStart <= 0 ||
			grew != (s.RSSKBMax > s.RSSKBStart) {
			t.Errorf("%s/%s: memory from %d to %d KB: %s", s.ID, s.Language, s.RSSKBStart, s.RSSKBMax, s.Verdict)
		}
		if s.Events.Dropped > s.Events.Kept/10 {
			t.Errorf("%s/%s: dropped %d events of %d", s.ID, s.Language, s.Events.Dropped, s.Events.Kept)
		}
	}
}
