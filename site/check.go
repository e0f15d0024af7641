package site

import (
	"fmt"

	"era/catalogue"
	"era/chapters"
	"era/lab/recording"
	"era/lab/scenario"
)

// CheckLab tells what is wrong with a lab block: its scenario, knobs, servers, and what it measures.
func CheckLab(lab *chapters.Lab) []error {
	var wrong []error
	s, err := scenario.Find(lab.Scenario)
	for _, name := range lab.Servers {
		if v, wrongName := catalogue.Find(name); wrongName != nil {
			wrong = append(wrong, wrongName)
		} else if err == nil && !v.Server.Understands(s.Speaks) {
			wrong = append(wrong, fmt.Errorf("%s does not speak what the clients of %s speak", name, s.Name))
		}
	}
	if n := len(lab.Servers); n < 1 || n > scenario.SideBySide {
		wrong = append(wrong, fmt.Errorf("%d servers; a lab has 1 to %d", n, scenario.SideBySide))
	}
	if err != nil {
		return append(wrong, err)
	}
	if _, err := s.Parse(lab.Settings); err != nil {
		wrong = append(wrong, err)
	}
	if err := recording.CheckMeasure(lab.Measure, s.Name, s.Groups, s.InPieces); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
}
