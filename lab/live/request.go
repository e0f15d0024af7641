package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"era/catalogue"
	"era/lab/scenario"
)

const maxServers = 4 // side by side in the page

// request is what a page may ask. Everything in it is a name of the compiled-in catalogue or a number within bounds.
type request struct {
	Type     string            `json:"type"` // one of those below
	Servers  []string          `json:"servers"`
	Scenario string            `json:"scenario"`
	Settings scenario.Settings `json:"settings"`
	Seed     uint64            `json:"seed"`
}

// The types of requests.
const (
	askRun    = "run"    // an experiment
	askMatrix = "matrix" // every application on every server
	askStop   = "stop"
)

// parse reads a request; the experiment is set for a run.
func parse(data []byte) (e scenario.Experiment, what string, err error) {
	var r request
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return e, "", fmt.Errorf("not a request: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return e, "", errors.New("not a request: something follows it")
	}
	switch r.Type {
	case askStop, askMatrix:
		return e, r.Type, nil
	case askRun:
	default:
		return e, "", fmt.Errorf("a request is %q, %q or %q, not %.40q", askRun, askMatrix, askStop, r.Type)
	}
	if n := len(r.Servers); n < 1 || n > maxServers {
		return e, "", fmt.Errorf("an experiment in the page has 1 to %d servers, not %d", maxServers, n)
	}
	var servers []catalogue.Variant
	for _, name := range r.Servers {
		v, err := catalogue.Find(name)
		if err != nil {
			return e, "", err
		}
		if slices.ContainsFunc(servers, func(other catalogue.Variant) bool { return other.String() == v.String() }) {
			return e, "", fmt.Errorf("server %q is named twice", name)
		}
		servers = append(servers, v)
	}
	e, err = scenario.New(r.Scenario, r.Settings, r.Seed)
	e.Servers = servers
	return e, askRun, err
}
