package scenario

import (
	"testing"

	"era/catalogue"
)

// A page offers the servers that can do what a scenario's clients ask, and no others.
func TestFits(t *testing.T) {
	for _, x := range []struct {
		scenario, server string
		fits             bool
	}{
		{"one-slow", "blocking", true},
		{"one-slow", "half-for-whole", false}, // it has no page but /rows
		{"one-slow", "tcpserver", false},
		{"cpu-hog", "node", true},
		{"cpu-hog", "flask", false}, // it has no /burn
		{"missing-close", "closing", true},
		{"missing-close", "queueing", false}, // its rows are others
		{"stalled-reader", "queueing", true},
		{"stream", "wsgi", true},
		{"stream", "threads", false},
		{"laggard", "in-turn", true},
		{"laggard", "threads", false},
		{"fan-out", "gather", true},
		{"fan-out", "asyncawait", false},
	} {
		v, err := catalogue.Find(x.server)
		if err != nil { // it has no version in Go
			v, err = catalogue.Find(x.server + "/python")
		}
		s, missing := Find(x.scenario)
		if err != nil || missing != nil {
			t.Fatal(err, missing)
		}
		if got := s.Fits(v.Server); got != x.fits {
			t.Errorf("%s in %s: %t, want %t", x.server, x.scenario, got, x.fits)
		}
	}
	for _, s := range All {
		for _, name := range s.Servers {
			if v, err := catalogue.Find(name); err != nil || !s.Fits(v.Server) {
				t.Errorf("%s is made for %s, which does not fit: %v", s.Name, name, err)
			}
		}
	}
}
