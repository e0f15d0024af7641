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
	Run      uint32            `json:"run"`  // the page's number of the run that this begins, ends or is about
	Page     string            `json:"page"` // the name of the page, for askAhead
	Servers  []string          `json:"servers"`
	Scenario string            `json:"scenario"`
	Settings scenario.Settings `json:"settings"`
	Seed     uint64            `json:"seed"`
	Measure  string            `json:"measure"` // what the reader guessed: the figure that the page wants of each server

	experiment scenario.Experiment // of a run
}

// The types of requests.
const (
	askRun    = "run"    // an experiment
	askMatrix = "matrix" // every application on every server
	askStop   = "stop"
	askTrace  = "trace" // of the tab's last experiment, for Perfetto
	askAhead  = "ahead" // the servers of this page may be built now
	askAlive  = "alive" // a sign of life
)

// parse parses a request. With an error it returns what could be read, so that the answer has the run's number.
func parse(data []byte) (r request, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("not a request: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("not a request: something follows it")
	}
	switch r.Type {
	case askStop, askMatrix, askTrace, askAhead, askAlive:
		return r, nil
	case askRun:
	default:
		return r, fmt.Errorf("a request is %q, %q, %q, %q, %q or %q, not %.40q", askRun, askMatrix, askStop, askTrace,
			askAhead, askAlive, r.Type)
	}
	if n := len(r.Servers); n < 1 || n > scenario.SideBySide {
		return r, fmt.Errorf("an experiment in the page has 1 to %d servers, not %d", scenario.SideBySide, n)
	}
	var servers []catalogue.Variant
	for _, name := range r.Servers {
		v, err := catalogue.Find(name)
		if err != nil {
			return r, err
		}
		if slices.ContainsFunc(servers, func(other catalogue.Variant) bool { return other.String() == v.String() }) {
			return r, fmt.Errorf("server %q is named twice", name)
		}
		servers = append(servers, v)
	}
	e, err := scenario.New(r.Scenario, r.Settings, r.Seed)
	if err != nil {
		return r, err
	}
	e.Servers = servers
	r.experiment = e
	return r, recording.CheckMeasure(r.Measure, e.Scenario.Name, e.Scenario.Groups, e.Scenario.InPieces)
}
