package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"era/lab"
	"era/lab/scenario"
	"era/runnable"
)

const maxServers = 4 // side by side in the page

// request is what a page may ask. Everything in it is a name of the compiled-in catalogue or a number within bounds.
type request struct {
	Type     string            `json:"type"` // "run" or "stop"
	Servers  []string          `json:"servers"`
	Scenario string            `json:"scenario"`
	Settings scenario.Settings `json:"settings"`
	Seed     uint64            `json:"seed"`
}

// parse reads a request. run tells a run from a stop.
func parse(data []byte) (e lab.Experiment, run bool, err error) {
	var r request
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return e, false, fmt.Errorf("not a request: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return e, false, errors.New("not a request: something follows it")
	}
	switch r.Type {
	case "stop":
		return e, false, nil
	case "run":
	default:
		return e, false, fmt.Errorf("a request is \"run\" or \"stop\", not %.40q", r.Type)
	}
	if n := len(r.Servers); n < 1 || n > maxServers {
		return e, false, fmt.Errorf("an experiment in the page has 1 to %d servers, not %d", maxServers, n)
	}
	for _, name := range r.Servers {
		v, err := runnable.Find(name)
		if err != nil {
			return e, false, err
		}
		if slices.ContainsFunc(e.Servers, func(other runnable.Variant) bool { return other.String() == v.String() }) {
			return e, false, fmt.Errorf("server %q is there twice", name)
		}
		e.Servers = append(e.Servers, v)
	}
	sc, err := scenario.Find(r.Scenario)
	if err != nil {
		return e, false, err
	}
	if e.Settings, err = sc.Complete(r.Settings); err != nil {
		return e, false, err
	}
	e.Scenario, e.Seed = sc.Name, r.Seed
	return e, true, nil
}
