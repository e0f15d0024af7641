package simulated

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"era/catalogue"
	"era/lab/simulated/script"
)

// Server finds the folder below runnable of a server that can be stepped, and its arguments, by its ID in the catalogue
// or by the folder's name.
func Server(name string) (folder string, args []string, err error) {
	folder = name
	if v, err := catalogue.Find(name); err == nil && v.Language == catalogue.Go {
		folder, args = v.Server.Folder, v.Server.Args
	}
	for _, can := range script.Servers() {
		if can == folder {
			return folder, args, nil
		}
	}
	return "", nil, fmt.Errorf("server %q cannot be stepped; these can: %s", name, strings.Join(script.Servers(), ", "))
}

// Step is one choice of a run, with what came of it.
type Step struct {
	Take string `json:"take"`
	Did  string `json:"did"`            // the call with its result, or what happened
	Said string `json:"said"`           // the same in words
	Site string `json:"site,omitempty"` // the source line of the call
}

// Steps takes the choices of a list, with spaces between, and tells each. A choice that there is not is an error; the
// steps before it are returned.
func (i *Instance) Steps(list string) (steps []Step, err error) {
	for take := range strings.FieldsSeq(list) {
		site := i.site(take)
		if _, err := i.Take(take); err != nil {
			if i.Ended == nil {
				var may []string
				for _, c := range i.Choices() {
					may = append(may, c.Take)
				}
				err = fmt.Errorf("choice %d: %w; there are: %s", len(steps)+1, err, strings.Join(may, " "))
			}
			return steps, err
		}
		var now struct{ Did, Said string }
		if err := json.Unmarshal([]byte(i.State()), &now); err != nil {
			return steps, fmt.Errorf("the machine's state: %w", err)
		}
		steps = append(steps, Step{take, now.Did, now.Said, site})
	}
	return steps, nil
}

// site is the source line of the call that a choice is about, or "".
func (i *Instance) site(take string) string {
	id, err := strconv.Atoi(take[1:])
	if err != nil || !strings.Contains("twie", take[:1]) {
		return ""
	}
	for line := range strings.Lines(i.Threads()) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); f[0] == strconv.Itoa(id) {
			return f[2]
		}
	}
	return ""
}
