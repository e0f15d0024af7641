package site

import (
	"fmt"

	"era/catalogue"
	"era/chapters"
	"era/lab/guess"
	"era/lab/recording"
	"era/lab/scenario"
)

// CheckLab returns what is wrong with a lab block: with its experiment, and with what it measures.
func CheckLab(lab *chapters.Lab) []error {
	e, wrong := Resolve(lab)
	s := e.Scenario
	if s.Name == "" { // there is no scenario of the name
		return wrong
	}
	if err := recording.CheckMeasure(lab.Measure, s.Name, s.Groups, s.InPieces); err != nil {
		wrong = append(wrong, err)
	} else if _, err := guessOf(lab); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
}

// guessOf returns what the page must know of a lab's guess, nil if it asks for none.
func guessOf(lab *chapters.Lab) (*guess.Guess, error) {
	if lab.Measure == "" {
		return nil, nil
	}
	g := lab.Guess
	asked := guess.Asked{Kind: guess.Kind(g.Kind), Unit: g.Unit, Within: g.Within, Limits: g.Limits, Which: g.Which}
	for _, o := range g.Options {
		asked.Options = append(asked.Options, guess.Option(o))
	}
	return guess.New(lab.Measure, asked, len(lab.Servers))
}

// Resolve builds the experiment that a lab block names: its scenario, servers and settings. It returns everything that
// is wrong with it.
func Resolve(lab *chapters.Lab) (e scenario.Experiment, wrong []error) {
	e.Seed = 1
	s, err := scenario.Find(lab.Scenario)
	for _, name := range lab.Servers {
		v, wrongName := catalogue.Find(name)
		if wrongName != nil {
			wrong = append(wrong, wrongName)
		} else if err == nil && !s.Fits(v.Server) {
			wrong = append(wrong, fmt.Errorf("%s does not do what the clients of %s ask for", name, s.Name))
		}
		e.Servers = append(e.Servers, v)
	}
	if n := len(lab.Servers); n < 1 || n > scenario.SideBySide {
		wrong = append(wrong, fmt.Errorf("%d servers; a lab has 1 to %d", n, scenario.SideBySide))
	}
	if err != nil {
		return e, append(wrong, err)
	}
	e.Scenario = s
	if e.Settings, err = s.Parse(lab.Settings); err != nil {
		wrong = append(wrong, err)
	}
	return e, wrong
}
