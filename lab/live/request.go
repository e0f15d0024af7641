package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/scenario"
)

// request is a request of a page. Everything in it is a name of the compiled-in catalogue or a number within bounds.
type request struct {
	Type     string            `json:"type"` // one of those below
	Servers  []string          `json:"servers"`
	Scenario string            `json:"scenario"`
	Settings scenario.Settings `json:"settings"`
	Seed     uint64            `json:"seed"`
	Measure  string            `json:"measure"` // what the reader guessed
}

// The types of requests.
const (
	askRun    = "run"    // an experiment
	askMatrix = "matrix" // every application on every server
	askStop   = "stop"
	askTrace  = "trace" // of the tab's last experiment, for Perfetto
)

// parse parses a request; e is the experiment of a run, and measure the figure that its page wants of each server.
func parse(data []byte) (e scenario.Experiment, measure, what string, err error) {
	var r request
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return e, "", "", fmt.Errorf("not a request: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return e, "", "", errors.New("not a request: something follows it")
	}
	switch r.Type {
	case askStop, askMatrix, askTrace:
		return e, "", r.Type, nil
	case askRun:
	default:
		return e, "", "", fmt.Errorf("a request is %q, %q, %q or %q, not %.40q", askRun, askMatrix, askStop, askTrace, r.Type)
	}
	if n := len(r.Servers); n < 1 || n > scenario.SideBySide {
		return e, "", "", fmt.Errorf("an experiment in the page has 1 to %d servers, not %d", scenario.SideBySide, n)
	}
	var servers []catalogue.Variant
	for _, name := range r.Servers {
		v, err := catalogue.Find(name)
		if err != nil {
			return e, "", "", err
		}
		if slices.ContainsFunc(servers, func(other catalogue.Variant) bool { return other.String() == v.String() }) {
			return e, "", "", fmt.Errorf("server %q is named twice", name)
		}
		servers = append(servers, v)
	}
	if e, err = scenario.New(r.Scenario, r.Settings, r.Seed); err != nil {
		return e, "", "", err
	}
	e.Servers = servers
	err = recording.CheckMeasure(r.Measure, e.Scenario.Name, e.Scenario.Groups, e.Scenario.InPieces)
	return e, r.Measure, askRun, err
}
