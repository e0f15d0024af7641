package lab

import (
	"testing"

	"era/lab/recording"
	"era/lab/scenario"
	"era/runnable"
)

// run runs an experiment with the book's own servers.
func run(t *testing.T, name string, settings map[string]string, servers ...string) *recording.Recording {
	t.Helper()
	sc, err := scenario.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	e := Experiment{Scenario: name, Seed: 1}
	if e.Settings, err = sc.Parse(settings); err != nil {
		t.Fatal(err)
	}
	lab := New(Options{Root: ".."})
	for _, s := range servers {
		v, err := runnable.Find(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := lab.Builder.Available(v); err != nil {
			t.Skipf("%s: %v", s, err)
		}
		e.Servers = append(e.Servers, v)
	}
	r, err := lab.Run(t.Context(), e, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
