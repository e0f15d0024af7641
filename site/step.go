package site

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"era/catalogue"
	"era/chapters"
	scaled "era/lab/simulated/script"
	"era/site/guard"
)

// A server that can be stepped is a WebAssembly module, in a script of its own: step/select.js. step/scenarios.js has
// what can be stepped where. Modules are large and few readers want them, so each is made when a page asks for it, or
// when the site is written; they are not part of what is kept for reading without a network.

const (
	stepFolder    = "step/"
	scenariosPage = stepFolder + "scenarios.js"
)

// stepped says how the servers of a block are stepped.
type stepped struct {
	Title    string          `json:"title"`
	Servers  []steppedServer `json:"servers"`
	Script   string          `json:"script"`             // for the module's configure
	List     string          `json:"list,omitempty"`     // of choices, for a narrated run
	Stops    []steppedStop   `json:"stops,omitempty"`    // of that run
	Puzzle   string          `json:"puzzle,omitempty"`   // what the reader is to bring about
	Property string          `json:"property,omitempty"` // that a puzzle asks for
}

type steppedServer struct {
	ID    string   `json:"id"`   // in the catalogue: a program may be several servers
	File  string   `json:"file"` // its module is step/FILE.js
	Title string   `json:"title"`
	Args  []string `json:"args"`
}

type steppedStop struct {
	At  int    `json:"at"` // how many choices have been taken
	Say string `json:"say"`
}

// stepping returns how the servers of a lab are stepped, nil if none of them can be.
func (e *edition) stepping(lab *chapters.Lab) *stepped {
	text, err := scaled.Script(lab.Scenario)
	x, wrong := Resolve(lab)
	if e.options.Module == nil || err != nil || wrong != nil {
		return nil
	}
	s := &stepped{Title: lab.Title, Script: text}
	for _, v := range x.Servers {
		if isSteppable(v) {
			s.Servers = append(s.Servers, serverOf(v))
		}
	}
	if s.Servers == nil {
		return nil
	}
	return s
}

// isSteppable reports whether a server can be stepped.
func isSteppable(v catalogue.Variant) bool {
	return v.Language == catalogue.Go && slices.Contains(scaled.Servers(), v.Server.Folder)
}

func serverOf(v catalogue.Variant) steppedServer {
	return steppedServer{v.Server.ID, scaled.File(v.Server.Folder), v.Server.Title, StepArgs(v.Server)}
}

// StepArgs are the arguments of a server that is stepped.
func StepArgs(s catalogue.Server) []string { return slices.Concat(s.Args, scaled.Args()) }

// CheckSteps finds the server and the script of a narrated run, or says what is wrong with it.
func CheckSteps(s *chapters.Steps) (v catalogue.Variant, text string, err error) {
	v, wrongServer := catalogue.Find(s.Server)
	if wrongServer == nil && !isSteppable(v) {
		wrongServer = fmt.Errorf("%s cannot be stepped; there are: %s", s.Server, strings.Join(scaled.Servers(), " "))
	}
	text, wrongScenario := scaled.Script(s.Scenario)
	return v, text, errors.Join(wrongServer, wrongScenario)
}

// sourceOf returns the file of the server of a narrated run.
func sourceOf(s *chapters.Steps) string {
	v, _ := catalogue.Find(s.Server) // the name was checked before the page is made
	return v.Server.Source(v.Language)
}

// toldSteps returns a narrated run as the stepper takes it.
func (e *edition) toldSteps(s *chapters.Steps) *stepped {
	v, text, err := CheckSteps(s)
	if e.options.Module == nil || err != nil {
		return nil
	}
	told := &stepped{Title: s.Title, Servers: []steppedServer{serverOf(v)}, Script: text, Property: s.Shows}
	if !s.Puzzle.Empty() {
		told.Puzzle = s.Puzzle.Plain()
		return told // its stops are the answer
	}
	told.List = strings.Join(s.Taken(), " ")
	at := 0
	for _, stop := range s.Stops {
		at += len(stop.Take)
		told.Stops = append(told.Stops, steppedStop{at, stop.Say.Plain()})
	}
	return told
}

// canStep reports whether something on a chapter's page can be stepped.
func (e *edition) canStep(c *chapters.Chapter) bool {
	return slices.ContainsFunc(c.Labs(), func(l *chapters.Lab) bool { return e.stepping(l) != nil }) ||
		slices.ContainsFunc(c.Steps(), func(s *chapters.Steps) bool { return e.toldSteps(s) != nil })
}

// policy is that of the page.
func (v *view) policy() string {
	if p := v.e.pages[v.name]; p != nil && p.steps {
		return guard.SteppingPolicy
	}
	return guard.Policy
}

// addSteps lists what can be stepped, and its modules.
func (e *edition) addSteps() {
	all := map[string]*stepped{}
	for _, lab := range e.book.Labs() {
		if s := e.stepping(lab); s != nil {
			all[lab.Chapter+"/"+lab.Name] = s
		}
	}
	for _, steps := range e.book.Steps() {
		if s := e.toldSteps(steps); s != nil {
			all[steps.Key()] = s
		}
	}
	if len(all) == 0 {
		return
	}
	e.add(scenariosPage, func() ([]byte, error) {
		data, err := json.Marshal(all)
		return fmt.Appendf(nil, "era.scenarios(%s)\n", data), err
	})
	for _, s := range all {
		for _, server := range s.Servers {
			// The place only: see module.
			e.add(stepFolder+server.File+".js", func() ([]byte, error) { return nil, nil })
		}
	}
}

// moduleOf returns the folder of the server whose module a file holds.
func moduleOf(name string) (folder string, is bool) {
	for _, folder := range scaled.Servers() {
		if name == stepFolder+scaled.File(folder)+".js" {
			return folder, true
		}
	}
	return "", false
}

// module makes the script of a module.
func (s *Site) module(ctx context.Context, folder string) ([]byte, error) {
	packed, err := s.options.Module(ctx, folder)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "era.module(%q,%q)\n", scaled.File(folder), base64.StdEncoding.EncodeToString(packed)), nil
}

// serveModule answers with a module. The first time it is built meanwhile, which takes longer than any other answer.
func (s *Site) serveModule(w http.ResponseWriter, r *http.Request, name, folder string) {
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{}) // these fail in a test only, where there is no connection
	control.SetWriteDeadline(time.Time{})
	body, err := s.module(r.Context(), folder)
	control.SetWriteDeadline(time.Now().Add(time.Minute))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	pack(name, body).serve(w, r, http.StatusOK)
}
