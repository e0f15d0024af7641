package recording

import (
	"strings"
	"testing"
)

func TestMeasure(t *testing.T) {
	s := Server{ThreadsMax: 3, Syscalls: map[string]int64{"read": 7}, Group: Group{Latency: Latency{P99: 9.5}},
		PerGroup: map[string]Group{
			"fast":    {Requests: Requests{Answered: 20}},
			"readers": {FirstByte: &Latency{P50: 1.5}},
		}}
	groups := []string{"fast", "readers", "silent"}
	for what, want := range map[string]float64{
		"threads_max": 3, "syscalls.read": 7, "syscalls.poll": 0, "total.p99": 9.5, "fast.answered": 20,
		"readers.first_byte": 1.5,
	} {
		if got, has := s.Measure(what); !has || got != want {
			t.Errorf("%s: %v, %v, want %v", what, got, has, want)
		}
		if err := CheckMeasure(what, "buffering", groups, true); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, what := range []string{"fast.first_byte", "silent.p50"} { // that this server does not have
		if got, has := s.Measure(what); has || CheckMeasure(what, "buffering", groups, true) != nil {
			t.Errorf("%s: %v", what, got)
		}
	}
	for what, want := range map[string]string{
		"threads": "threads_max", "slow.p50": "fast, readers, silent", "fast.p42": "p50", "fast.": "p50",
		"syscalls.": "groups",
	} {
		if _, has := s.Measure(what); has && !strings.HasPrefix(what, "syscalls") {
			t.Errorf("%s is measured", what)
		}
		if err := CheckMeasure(what, "buffering", groups, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	if err := CheckMeasure("fast.first_byte", "buffering", groups, false); err == nil {
		t.Error("a first byte where replies come at once")
	}
}
