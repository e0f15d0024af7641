package site

import (
	"fmt"

	"era/catalogue"
	"era/chapters"
	"era/lab/recording"
	"era/lab/scenario"
)

// CheckLab returns what is wrong with a lab block: with its experiment, and with what it measures.
func CheckLab(lab *chapters.Lab) []error {
	e, wrong := Resolve(lab)
	s := e.Scenario
	if s.Name == "" { // there is none of the name
		return wrong
	}
	if err := recording.CheckMeasure(lab.Measure, s.Name, s.Groups, s.InPieces); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
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
		} else if err == nil && !v.Server.Understands(s.Speaks) {
			wrong = append(wrong, fmt.Errorf("%s does not speak what the clients of %s speak", name, s.Name))
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
