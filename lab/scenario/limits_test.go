package scenario

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The page counts as many descriptors for settings as the lab does.
func TestDescriptorsGrowEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(All).Draw(t, "scenario")
		settings, err := s.Complete(anySettings(t, s))
		if err != nil {
			t.Fatal(err)
		}
		servers := rapid.IntRange(1, SideBySide).Draw(t, "servers")
		limit := s.Within(20_000)[len(s.Limits)]
		script := Experiment{Scenario: s, Settings: settings}.Script()
		if told, takes := limit.sum(settings)*servers+Spare, script.Descriptors(servers); told != takes {
			t.Errorf("%v: the page counts %d descriptors, the lab %d", settings, told, takes)
		}
	})
	if c10k, _ := Find("c10k"); len(c10k.Within(0)) > 0 {
		t.Error("a limit where the machine has none")
	}
}

// The members of a room may not hear more than a page takes in, and every scenario's defaults are within its limits.
func TestKnobsTogether(t *testing.T) {
	for _, s := range All {
		if _, err := s.Complete(nil); err != nil {
			t.Error(err)
		}
	}
	_, err := New("websocket", Settings{"talkers": 50, "messages": 50, "listeners": 200}, 1)
	if err == nil || !strings.Contains(err.Error(), "talkers 50, listeners 200, messages 50: together too much: 625,000 of 100,000") {
		t.Errorf("%v", err)
	}
}
