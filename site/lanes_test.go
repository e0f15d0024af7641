package site

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	"era/lab/recording"
)

const ms = 1_000_000

// tasks returns a run with one task that accepts, twenty that serve, and the connections that they serve.
func tasks() *recording.Recording {
	t := recording.Track{Lanes: []recording.Lane{{ID: 0, Kind: "thread", Name: "thread 1"},
		{ID: 1, Kind: "task", Name: "task 1 · accepts"}}}
	add := func(kind, group string, states ...recording.State) {
		lane := len(t.Lanes)
		t.Lanes = append(t.Lanes, recording.Lane{ID: lane, Kind: kind, Name: kind, Group: group})
		for i, s := range states {
			m := recording.Mark{Lane: lane, At: int64(i) * 100 * ms, Took: 100 * ms, State: s, FD: -1, Count: 1, Site: -1}
			if s.Moment() {
				m.Took = 0
			}
			t.Marks = append(t.Marks, m)
		}
	}
	for range 20 {
		add("task", "fast", recording.Running, recording.Parked, recording.Cancelled, recording.Returned)
		add("connection", "fast", recording.Queued, recording.Unanswered, recording.Answered)
	}
	return &recording.Recording{Length: 400 * ms, Tracks: []recording.Track{t},
		Result: recording.Result{Servers: []recording.Server{{}}}}
}

// Few lanes are drawn by themselves, many alike in one row that says how many; the legend has everything that is drawn.
func TestFolded(t *testing.T) {
	svg, legend := drawPicture("p", tasks(), []string{"async and await · Go"}, 1<<20)
	for _, label := range []string{">thread 1<", ">task 1 · accepts<", ">20 tasks<", ">of fast<", ">fast × 20<"} {
		if strings.Count(svg, label) != 1 {
			t.Errorf("%d of %s in %s", strings.Count(svg, label), label, svg)
		}
	}
	for _, s := range []recording.State{recording.Running, recording.Parked, recording.Returned, recording.Cancelled,
		recording.Queued, recording.Answered} {
		if !slices.Contains(legend, s) {
			t.Errorf("%s is not in the legend %v", s, legend)
		}
	}
}

// What was not over at the end of the run, or when its server died, has a torn edge.
func TestCutOffIsDrawn(t *testing.T) {
	rec := tasks()
	svg, _ := drawPicture("p", rec, []string{"one"}, 1<<20)
	if strings.Contains(svg, "g-cut") {
		t.Error("all is over, and an edge is torn")
	}
	rec.Tracks[0].Marks = append(rec.Tracks[0].Marks,
		recording.Mark{Lane: 0, At: 100 * ms, Took: 90 * ms, State: recording.Blocked, Call: "read", Count: 1, Site: -1},
		recording.Mark{Lane: 1, At: 100 * ms, Took: 300 * ms, State: recording.Parked, Count: 1, Site: -1})
	rec.Tracks[0].Died = 190 * ms
	svg, _ = drawPicture("p", rec, []string{"one"}, 1<<20)
	edges := regexp.MustCompile(`class="g-cut" d="([^"]*)"`).FindStringSubmatch(svg)
	if len(edges) != 2 || strings.Count(edges[1], "M") != 2 {
		t.Errorf("torn edges: %q, want 2", edges)
	}
}

// A server's SIGTERM is a line through its pane, and through no other.
func TestToldIsDrawn(t *testing.T) {
	told, other := tasks(), tasks()
	told.Tracks = append(told.Tracks, other.Tracks...)
	told.Tracks[0].Told = 200 * ms
	told.Result.Servers = make([]recording.Server, 2)
	svg, _ := drawPicture("p", told, []string{"one", "other"}, 1<<20)
	if lines := regexp.MustCompile(`<path class="told" d="M546 \d+V\d+"/>`).FindAllString(svg, -1); len(lines) != 1 ||
		strings.Count(svg, ">SIGTERM<") != 1 {
		t.Errorf("lines %q in %s", lines, svg)
	}
}

// All states have words, a place in the legend, and a sample there that no other state has.
func TestStatesDiffer(t *testing.T) {
	samples := map[string]recording.State{}
	for _, l := range recording.Looks {
		s := l.State
		if l.Word == "" || l.Means == "" || l.Light == "" {
			t.Errorf("%s has no words, or no colour", s)
		}
		look := strings.NewReplacer(string(s), "", `class="g-"`, "", `class="b-"`, "").Replace(sample(s))
		if !s.Moment() {
			look += l.Pattern
		}
		if other, taken := samples[look]; taken && !bare(s, other) {
			t.Errorf("%s and %s differ by colour alone: %s", s, other, look)
		}
		samples[look] = s
	}
}

// bare reports whether the two are those that have no pattern: one is full, the other only an outline.
func bare(a, b recording.State) bool {
	two := []recording.State{recording.Running, recording.Idle}
	return slices.Contains(two, a) && slices.Contains(two, b)
}

// What is drawn as a line or a glyph without outline has enough contrast to the page in both themes.
func TestLineContrast(t *testing.T) {
	for theme, c := range palettes(t) {
		for _, l := range recording.Looks {
			if !l.State.Moment() && l.Ink != recording.Own { // a bar that is not drawn as lines
				continue
			}
			hex := l.Light
			if theme == "dark" {
				hex = cmp.Or(l.Dark, l.Light)
			}
			if r := contrast(hex, c["paper"]); r < 3 {
				t.Errorf("%s: %s on paper has a contrast of %.2f, want 3", theme, l.State, r)
			}
		}
	}
}
