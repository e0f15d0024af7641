package site

import (
	"fmt"
	"slices"
	"strings"

	"era/catalogue"
	"era/chapters"
	"era/lab/scenario"
)

// CheckLab returns what is wrong with a lab block: with its experiment, and with what it measures.
func CheckLab(lab *chapters.Lab) []error {
	e, wrong := Resolve(lab)
	if err := checkMeasure(e.Scenario, lab.Measure); err != nil && e.Scenario.Name != "" {
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
	if n := len(lab.Servers); n < 1 || n > 4 {
		wrong = append(wrong, fmt.Errorf("%d servers; a lab has 1 to 4", n))
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

// What a prediction can be about: a figure of a group of clients (or of all, "total"), or one of the server itself.
var (
	groupFigures  = []string{"answered", "failed", "sent", "p50", "p90", "p99", "max", "first_byte"}
	serverFigures = []string{"threads_max", "rss_kb_max", "cpu_ms", "eagain"}
)

func checkMeasure(s scenario.Scenario, measure string) error {
	group, figure, of := strings.Cut(measure, ".")
	switch {
	case measure == "", group == "syscalls" && figure != "", !of && slices.Contains(serverFigures, measure):
		return nil
	case !of:
		return fmt.Errorf("measure %q: want GROUP.FIGURE, syscalls.NAME, or one of %s", measure, strings.Join(serverFigures, ", "))
	case group != "total" && !slices.Contains(s.Groups, group):
		return fmt.Errorf("measure %q: scenario %s has the groups %s, and total", measure, s.Name, strings.Join(s.Groups, ", "))
	case figure == "first_byte" && !s.InPieces:
		return fmt.Errorf("measure %q: the replies of scenario %s come at once", measure, s.Name)
	case !slices.Contains(groupFigures, figure):
		return fmt.Errorf("measure %q: a group has the figures %s", measure, strings.Join(groupFigures, ", "))
	}
	return nil
}
