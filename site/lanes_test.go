package site

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"era/lab/recording"
)

const ms = 1_000_000

// tasks is a run with one task that accepts, twenty that serve, and the connections that they serve.
func tasks() *recording.Recording {
	t := recording.Track{Lanes: []recording.Lane{{ID: 0, Kind: "thread", Name: "thread 1"}, {ID: 1, Kind: "task", Name: "task 1 · accepts"}}}
	add := func(kind, group string, states ...recording.State) {
		lane := len(t.Lanes)
		t.Lanes = append(t.Lanes, recording.Lane{ID: lane, Kind: kind, Name: kind, Group: group})
		for i, s := range states {
			m := recording.Mark{Lane: lane, At: int64(i) * 100 * ms, Took: 100 * ms, State: s, FD: -1, Count: 1, Site: -1}
			if glyph(s) {
				m.Took = 0
			}
			t.Marks = append(t.Marks, m)
		}
	}
	for range 20 {
		add("task", "fast", recording.Running, recording.Parked, recording.Cancelled, recording.Returned)
		add("connection", "fast", recording.Queued, recording.Unanswered, recording.Answered)
	}
	return &recording.Recording{Length: 400 * ms, Tracks: []recording.Track{t}, Result: recording.Result{Servers: []recording.Server{{}}}}
}

// Few lanes are drawn by themselves, many alike in one row that says how many; the legend has everything that is drawn.
func TestFolded(t *testing.T) {
	svg, legend := drawPicture("p", tasks(), []string{"async and await · Go"}, 1<<20)
	for _, label := range []string{">thread 1<", ">task 1 · accepts<", ">20 tasks<", ">of fast<", ">fast × 20<"} {
		if strings.Count(svg, label) != 1 {
			t.Errorf("%d of %s in %s", strings.Count(svg, label), label, svg)
		}
	}
	for _, s := range []recording.State{recording.Running, recording.Parked, recording.Returned, recording.Cancelled, recording.Queued, recording.Answered} {
		if !slices.Contains(legend, s) {
			t.Errorf("%s is not in the legend %v", s, legend)
		}
	}
}

// A server's SIGTERM is a line through its pane, and through no other.
func TestToldIsDrawn(t *testing.T) {
	told, other := tasks(), tasks()
	told.Tracks = append(told.Tracks, other.Tracks...)
	told.Tracks[0].Told = 200 * ms
	told.Result.Servers = make([]recording.Server, 2)
	svg, _ := drawPicture("p", told, []string{"one", "other"}, 1<<20)
	if lines := regexp.MustCompile(`<path class="told" d="M546 \d+V\d+"/>`).FindAllString(svg, -1); len(lines) != 1 || strings.Count(svg, ">SIGTERM<") != 1 {
		t.Errorf("lines %q in %s", lines, svg)
	}
}

// All states have words, a place in the legend, and a sample there that no other state has.
func TestStatesDiffer(t *testing.T) {
	samples := map[string]recording.State{}
	for _, s := range stateOrder {
		if stateWords[s] == "" {
			t.Errorf("%s has no words", s)
		}
		look := strings.NewReplacer(string(s), "", `class="g-"`, "", `class="b-"`, "").Replace(sample(s))
		if i := slices.IndexFunc(patterns, func(p struct {
			State recording.State
			Ink   string
		}) bool {
			return p.State == s
		}); !glyph(s) && i >= 0 {
			look += patterns[i].Ink
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
	css, err := fs.ReadFile(root, "web/page/lab-states.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	colour := func(block, name string) string {
		m := regexp.MustCompile(`--lab-` + name + `: (#[0-9a-f]+);`).FindStringSubmatch(block)
		if m == nil {
			return ""
		}
		return m[1]
	}
	for theme, c := range palettes(t) {
		for _, name := range []string{"waiting", "parked", "called", "again", "failed", "answered", "returned", "cancelled"} {
			block := light
			if theme == "dark" {
				block = rest
			}
			hex := colour(block, name)
			if hex == "" {
				t.Errorf("%s: no --lab-%s", theme, name)
			} else if r := contrast(hex, c["paper"]); r < 3 {
				t.Errorf("%s: --lab-%s on paper has a contrast of %.2f, want 3", theme, name, r)
			}
		}
	}
}
