package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"era/catalogue"
)

// anySettings draws settings within the bounds of all knobs.
func anySettings(t *rapid.T, s Scenario) Settings {
	settings := Settings{}
	for _, k := range s.Knobs {
		if rapid.Bool().Draw(t, "set "+k.Name) {
			settings[k.Name] = rapid.IntRange(k.Min, min(k.Max, 300_000)).Draw(t, k.Name)
		}
	}
	if _, err := s.Complete(settings); err != nil { // more than several knobs may make together
		return Settings{}
	}
	return settings
}

func build(name string, settings Settings, seed uint64) (Script, error) {
	e, err := New(name, settings, seed)
	if err != nil {
		return Script{}, err
	}
	return e.Script(), nil
}

func TestSameSeedSameTraffic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(All).Draw(t, "scenario")
		settings, seed := anySettings(t, s), rapid.Uint64().Draw(t, "seed")
		first, err := build(s.Name, settings, seed)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := build(s.Name, settings, seed)
		if first.SHA256() != again.SHA256() {
			t.Error("the same seed made two scripts")
		}
		other, _ := build(s.Name, settings, seed+1)
		if first.SHA256() == other.SHA256() {
			t.Error("two seeds made the same script")
		}
	})
}

func TestScriptsKeepTheirWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(All).Draw(t, "scenario")
		script, err := build(s.Name, anySettings(t, s), rapid.Uint64().Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		last := time.Duration(0)
		for _, c := range script.Clients {
			switch {
			case c.Start < last:
				t.Errorf("%s starts before the one before it", c.Name)
			case c.GiveUp <= c.Start || c.GiveUp > script.Length:
				t.Errorf("%s starts at %v and gives up at %v, of %v", c.Name, c.Start, c.GiveUp, script.Length)
			case !slices.Contains(s.Groups, c.Group):
				t.Errorf("%s is of group %q, which the scenario does not have", c.Name, c.Group)
			case c.Requests() != 1 && !asksAgain(s, c):
				t.Errorf("%s sends %d requests", c.Name, c.Requests())
			case script.Length > 15*time.Second:
				t.Errorf("an experiment of %v", script.Length)
			}
			last = c.Start
		}
	})
}

// asksAgain reports whether the clients of the group send more than one request.
func asksAgain(s Scenario, c Client) bool {
	switch s.Name + " " + c.Group {
	case "echo lines", "datagrams burst":
		return c.Requests() >= 1
	case "websocket listeners", "laggard laggard": // members that only listen
		return c.Requests() == 0
	case "websocket talkers":
		return c.Requests() >= 1
	case "laggard talkers", "c10k active", "slow-consumer consumer", "edge-starvation flood":
		return c.Requests() >= 10
	}
	return false
}

// The servers that a scenario is made for are in the catalogue and speak what its clients speak.
func TestServersAreKnown(t *testing.T) {
	for _, s := range All {
		for _, name := range s.Servers {
			if v, err := catalogue.Find(name); err != nil || !v.Server.Understands(s.Speaks) {
				t.Errorf("%s: %s: %v", s.Name, name, err)
			}
		}
	}
}

func TestTheFastGiveUpBeforeTheSlowGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := Find("one-slow")
		settings, err := s.Complete(anySettings(t, s))
		if err != nil {
			t.Fatal(err)
		}
		script, _ := build(s.Name, settings, 1)
		for _, c := range script.Clients {
			if c.Group == "fast" && c.GiveUp >= time.Duration(settings["pause"])*time.Millisecond {
				t.Errorf("%s waits until %v", c.Name, c.GiveUp)
			}
		}
	})
}

func TestParse(t *testing.T) {
	s, err := Find("slow-reader")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := s.Parse(map[string]string{"pause": "1.5s", "size": "1MiB"})
	if err != nil || settings["pause"] != 1500 || settings["size"] != 1<<20 || settings["clients"] != 20 {
		t.Errorf("%v, %v", settings, err)
	}
	for text, want := range map[string]string{
		"pause=9s": "pause is 9s: want 500ms to 8s", "pause=soon": `pause is "soon": want 500ms to 8s`,
		"clients=0": "clients is 0: want 1 to 200", "clients=1e300": "clients", "clients=NaN": "clients",
		"clients=1.5": "clients",
		"speed=1":     `no knob "speed"; it has: clients, pause, size`,
	} {
		name, value, _ := strings.Cut(text, "=")
		if _, err := s.Parse(map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	for want, c := range map[string]struct {
		name     string
		settings Settings
	}{
		`no scenario "two-slow"`: {"two-slow", nil},
		"pause is 1ms":           {"one-slow", Settings{"pause": 1}},
		`has no knob "x"`:        {"one-slow", Settings{"x": 1}},
	} {
		if _, err := New(c.name, c.settings, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestTextsAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(All).Draw(t, "scenario")
		settings, err := s.Complete(anySettings(t, s))
		if err != nil {
			t.Fatal(err)
		}
		read, err := s.Parse(s.Texts(settings))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range settings {
			if read[name] != value {
				t.Errorf("%s: %d became %d", name, value, read[name])
			}
		}
	})
}
