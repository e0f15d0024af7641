package lab

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"testing"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/verdict"
)

// outcome is a recording with the sentences about it.
type outcome struct {
	*recording.Recording
	Result verdict.Result
}

// run runs an experiment with the book's own servers, and checks what is true of every one.
func run(t *testing.T, name string, settings map[string]string, servers ...string) outcome {
	t.Helper()
	sc, err := scenario.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	e := scenario.Experiment{Scenario: sc, Seed: 1}
	if e.Settings, err = sc.Parse(settings); err != nil {
		t.Fatal(err)
	}
	lab := New(Options{Root: ".."})
	for _, s := range servers {
		v, err := catalogue.Find(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := lab.Builder.Available(v); err != nil {
			if os.Getenv("CI") == "true" && v.Server.RunsOn(runtime.GOOS, v.Language) {
				t.Fatalf("%s: %v", s, err)
			}
			t.Logf("left out: %s: %v", s, err)
			continue
		}
		e.Servers = append(e.Servers, v)
	}
	if len(e.Servers) == 0 {
		t.Skip("none of the servers can be run here")
	}
	seen := newWatcher(len(e.Servers))
	r, err := lab.Run(t.Context(), e, seen)
	if err != nil {
		t.Fatal(err)
	}
	seen.check(t, r)
	check(t, r)
	return outcome{r, verdict.On(r.Result)}
}

// watcher adds up what it receives while an experiment runs.
type watcher struct {
	started *Started
	now     int64
	marks   []int
	lanes   []map[int]recording.Lane // as they were received last: a renamed lane comes again
	last    []Tracks
}

func newWatcher(servers int) *watcher {
	w := &watcher{marks: make([]int, servers)}
	for range servers {
		w.lanes = append(w.lanes, map[int]recording.Lane{})
	}
	return w
}

func (w *watcher) Phase(string)      {}
func (w *watcher) Building(Building) {}
func (w *watcher) Started(s Started) { w.started = &s }

func (w *watcher) Batch(b Batch) {
	for i, t := range b.Tracks {
		w.marks[i] += len(t.Marks)
		for _, l := range t.Lanes {
			w.lanes[i][l.ID] = l
		}
	}
	w.now, w.last = max(w.now, b.Now), b.Tracks
}

func (w *watcher) check(t *testing.T, r *recording.Recording) {
	t.Helper()
	if w.started == nil || len(w.started.Servers) != len(r.Tracks) || w.now != r.Length {
		t.Errorf("started %v; received %d of %d ns", w.started, w.now, r.Length)
	}
	for i, track := range r.Tracks {
		if len(w.lanes[i]) != len(track.Lanes) || w.marks[i] < len(track.Marks) {
			t.Errorf("%s: received %d lanes and %d marks, recorded %d and %d",
				r.Result.Servers[i].ID, len(w.lanes[i]), w.marks[i], len(track.Lanes), len(track.Marks))
		}
		for _, l := range track.Lanes {
			if w.lanes[i][l.ID] != l {
				t.Errorf("%s: received lane %+v, recorded %+v", r.Result.Servers[i].ID, w.lanes[i][l.ID], l)
			}
		}
		if len(w.last[i].Open) > 0 {
			t.Errorf("%s: a mark is open after the end", r.Result.Servers[i].ID)
		}
	}
}

// check checks what is true of every recording.
func check(t *testing.T, r *recording.Recording) {
	t.Helper()
	var again recording.Recording
	data, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(data, &again)
	}
	second, _ := json.Marshal(again)
	if err != nil || !bytes.Equal(data, second) {
		t.Errorf("the recording does not survive its own JSON: %v", err)
	}
	for i, s := range r.Result.Servers {
		track := r.Tracks[i]
		if len(track.Marks) > maxMarks+4*len(track.Lanes) {
			t.Errorf("%s: %d marks", s.ID, len(track.Marks))
		}
		sites := 0
		for n, l := range track.Lanes {
			if l.ID != n {
				t.Errorf("%s: lane %d is called %d", s.ID, n, l.ID)
			}
		}
		for _, m := range track.Marks {
			if m.At < 0 || m.At+m.Took > r.Length || m.Took < 0 || m.Count < 1 || m.Site >= len(track.Sites) {
				t.Errorf("%s: impossible mark %+v in %d ns", s.ID, m, r.Length)
				break
			}
			if m.Site >= 0 {
				sites++
			}
		}
		for _, site := range track.Sites {
			text, err := os.ReadFile("../" + site.File)
			if err != nil || site.Line < 1 || site.Line > bytes.Count(text, []byte("\n")) {
				t.Errorf("%s: no such line: %s:%d", s.ID, site.File, site.Line)
			}
		}
		if sites == 0 && s.Traced.Seen() {
			t.Errorf("%s/%s: no mark knows its source line", s.ID, s.Language)
		}
		if s.Requests.Answered+s.Requests.Failed < s.Requests.Sent {
			t.Errorf("%s: %+v", s.ID, s.Requests)
		}
	}
}
