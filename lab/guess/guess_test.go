package guess

import (
	"encoding/json"
	"strings"
	"testing"

	"era/lab/recording"
)

// What the author leaves out follows from the measure.
func TestDefaults(t *testing.T) {
	for _, x := range []struct {
		measure string
		asked   Asked
		want    string
	}{
		{"crowd.max", Asked{}, `{"kind":"number","unit":"ms","per":1,"within":2,"as":"long"}`},
		{"crowd.max", Asked{Unit: "s", Within: 3}, `{"kind":"number","unit":"s","per":1000,"within":3,"as":"long"}`},
		{"rss_kb_max", Asked{}, `{"kind":"number","unit":"MB","per":1024,"within":2,"as":"much"}`},
		{"fast.answered", Asked{}, `{"kind":"number","unit":"answered","per":1,"within":1,"as":"many"}`},
		{"syscalls.read", Asked{Within: 2}, `{"kind":"number","unit":"calls of read","per":1,"within":2,"as":"many"}`},
		{"crowd.max", Asked{Kind: Range, Limits: []string{"100ms", "1s"}}, `{"kind":"range","bins":[` +
			`{"from":0,"words":"under 100 ms"},{"from":100,"words":"100 ms to 1 s"},{"from":1000,"words":"1 s or more"}],"as":"long"}`},
		{"fast.answered", Asked{Kind: Choice, Options: []Option{{"none", "0"}, {"some", "1"}, {"all", "20"}}},
			`{"kind":"choice","bins":[{"from":0,"words":"none"},{"from":1,"words":"some"},{"from":20,"words":"all"}],"as":"many"}`},
		{"cpu_ms", Asked{Kind: Order, Which: "least"}, `{"kind":"order","within":1.25,"least":true,"as":"long"}`},
	} {
		g, err := New(x.measure, x.asked, 2)
		if err != nil {
			t.Errorf("%s, %+v: %v", x.measure, x.asked, err)
			continue
		}
		if got, err := json.Marshal(g); err != nil || string(got) != x.want {
			t.Errorf("%s, %+v:\n%s, %v, want\n%s", x.measure, x.asked, got, err, x.want)
		}
	}
}

// A guess that does not fit its measure, or that some figure would leave without a grade, is refused.
func TestWhatDoesNotFit(t *testing.T) {
	for want, x := range map[string]struct {
		measure string
		Asked
	}{
		`kind "hunch" is not one of`:                  {"fast.answered", Asked{Kind: "hunch"}},
		`unit is "MB", and the measure is in ms or s`: {"fast.max", Asked{Unit: "MB"}},
		"no time and no memory can be known exactly":  {"rss_kb_max", Asked{Within: 1}},
		"want a factor above 1":                       {"fast.max", Asked{Within: 0.5}},
		"a choice has no unit":                        {"fast.max", Asked{Kind: Choice, Unit: "s"}},
		"a number has no limits":                      {"fast.max", Asked{Limits: []string{"1s", "2s"}}},
		"a range needs two limits":                    {"fast.max", Asked{Kind: Range, Limits: []string{"1s"}}},
		`"20" is not a figure of the measure, which is in ms or s`: {"fast.max",
			Asked{Kind: Range, Limits: []string{"20", "30"}}},
		`"1s" is not a figure of the measure`: {"fast.answered", Asked{Kind: Range, Limits: []string{"1s", "2s"}}},
		"does not begin above":                {"fast.max", Asked{Kind: Range, Limits: []string{"1s", "100ms"}}},
		`"some", must begin at 0`: {"fast.answered", Asked{Kind: Choice,
			Options: []Option{{"some", "1"}, {"all", "20"}}}},
		"a choice needs two options": {"fast.answered", Asked{Kind: Choice, Options: []Option{{"none", "0"}}}},
		"want most or least":         {"fast.max", Asked{Kind: Order}},
		"of at least 1, not 0.5":     {"fast.max", Asked{Kind: Order, Which: "most", Within: 0.5}},
	} {
		if _, err := New(x.measure, x.Asked, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s, %+v: %v, want %q", x.measure, x.Asked, err, want)
		}
	}
}

// Figures have their units.
func TestFigures(t *testing.T) {
	r := recording.Result{Servers: []recording.Server{{RSSKBMax: 25 << 10, ThreadsMax: 1,
		Syscalls: map[string]int64{"read": 1234},
		PerGroup: map[string]recording.Group{"fast": {Requests: recording.Requests{Answered: 20},
			Latency: recording.Latency{Max: 2623.9}}}}}}
	for measure, want := range map[string]string{
		"fast.max": "2.6 s", "fast.answered": "20 answered", "rss_kb_max": "25.0 MB", "threads_max": "1 thread",
		"syscalls.read": "1,234 calls of read",
	} {
		if got := Figures(r, measure); len(got) != 1 || got[0].Words != want {
			t.Errorf("%s: %+v, want %s", measure, got, want)
		}
	}
	if got := Figures(r, "fast.first_byte"); got[0] != nil || Figures(r, "") != nil {
		t.Errorf("%+v: a figure that the server does not have", got)
	}
}
