package story

import (
	"testing"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
)

// Links to moments are as short as they can be, and all different.
func TestNamesOfMoments(t *testing.T) {
	var moments []Moment
	for _, at := range []int64{1_900_000_000, 1_553_000, 0, 498_100_000, 498_400_000, 498_400_000, 12_345_678_901} {
		moments = append(moments, Moment{At: at})
	}
	want := []string{"0.00s", "0.00155s", "0.498s", "0.4984s", "0.49840s", "1.90s", "12.35s"}
	for i, m := range InOrder(moments) {
		if m.Time != want[i] {
			t.Errorf("%d ns: %s, want %s", m.At, m.Time, want[i])
		}
	}
}

// What the recording cannot say is not said: a run without observations, without a known scenario, without lanes.
func TestStoriesOfPoorRuns(t *testing.T) {
	for name, change := range map[string]func(r *recording.Recording){
		"as it is":        func(*recording.Recording) {},
		"no observations": func(r *recording.Recording) { r.Result.Servers[0].Observed = nil },
		"another scenario": func(r *recording.Recording) {
			r.Result.Scenario = "forgotten"
		},
		"no lanes":   func(r *recording.Recording) { r.Tracks[0], r.Tracks[1] = recording.Track{}, recording.Track{} },
		"no tracks":  func(r *recording.Recording) { r.Tracks = nil },
		"no servers": func(r *recording.Recording) { r.Tracks, r.Result.Servers = nil, nil },
	} {
		r := recordingtest.New()
		change(r)
		if moments := Of(r); moments == nil || len(moments) > Most {
			t.Errorf("%s: %+v", name, moments)
		}
	}
	for field, r := range recordingtest.Hostile(recordingtest.Text[:2]) {
		if r.Check() != nil {
			continue // it is not read
		}
		if moments := Of(r); len(moments) > Most {
			t.Errorf("%s: %+v", field, moments)
		}
	}
}

// A thread that sleeps explains something only where clients wait for it.
func TestCausesCountWhereClientsWait(t *testing.T) {
	for _, m := range Of(read(t, "blocking/recordings/one-slow.json")) {
		if m.Kind == "blocked" && m.Server != 0 {
			t.Errorf("the second server's thread sleeps beside clients that it keeps from nothing: %+v", m)
		}
	}
}
