package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"era/chapters"
	"era/lab/guess"
	"era/lab/recording"
	"era/lab/scenario"
)

// Every guess that the book asks for is graded by the recorded run: each server has the figure that the question is
// about, one of the answers is right for it, and the run had the settings that the page compares with its own.
func TestEveryGuessIsGraded(t *testing.T) {
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, lab := range e.book.Labs() {
		if lab.Measure == "" {
			continue
		}
		asked++
		r, err := e.recorded(lab)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range neverGraded(t, lab, r.Result) {
			t.Errorf("%s:%d: %s", lab.File, lab.Line, problem)
		}
	}
	if asked == 0 {
		t.Error("no lab block asks for a guess")
	}
}

// neverGraded returns why a lab's guess is not graded by a result of it.
func neverGraded(t *testing.T, lab *chapters.Lab, r recording.Result) (problems []string) {
	t.Helper()
	g, err := guessOf(lab)
	if err != nil {
		return []string{err.Error()}
	}
	e, wrong := Resolve(lab)
	if wrong != nil {
		t.Fatal(wrong)
	}
	ran, err := e.Scenario.Parse(r.Settings)
	if err != nil || !maps.Equal(ran, e.Settings) {
		problems = append(problems, fmt.Sprintf("the run had %v, and the question is about %v", r.Settings, lab.Settings))
	}
	if data := settingsOf(t, lab); !maps.Equal(data, e.Settings) { // units would compare with numbers
		problems = append(problems, fmt.Sprintf("the page has the settings %v, want %v", data, e.Settings))
	}
	for i, figure := range guess.Figures(r, lab.Measure) {
		name := r.Servers[i].ID
		if figure == nil {
			problems = append(problems, name+" has no figure "+lab.Measure)
			continue
		}
		fits := func(b guess.Bin) bool { return b.From <= figure.Value }
		if g.Bins != nil && !slices.ContainsFunc(g.Bins, fits) {
			problems = append(problems, fmt.Sprintf("no answer is right for %s, which has %s", name, figure.Words))
		}
	}
	return problems
}

// settingsOf returns the settings that the page of a lab has.
func settingsOf(t *testing.T, lab *chapters.Lab) (settings scenario.Settings) {
	t.Helper()
	v := &view{e: &edition{Site: New(fstest.MapFS{}, Options{})}} // without the recording, which need not be drawn
	l, err := v.labView(lab)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(l.Settings), &settings); err != nil {
		t.Errorf("%s: settings %s: %v", lab.Name, l.Settings, err)
	}
	return settings
}

// The test above finds what it is for.
func TestGuessesWithoutAGrade(t *testing.T) {
	lab := chapters.Lab{Scenario: "slow-reader", Servers: []string{"threads"}, Settings: map[string]string{"size": "8MiB"},
		Measure: "fast.answered"}
	result := func(size, group string) recording.Result {
		return recording.Result{Settings: map[string]string{"size": size}, Servers: []recording.Server{{ID: "threads",
			PerGroup: map[string]recording.Group{group: {}}}}}
	}
	for want, r := range map[string]recording.Result{
		"":                                    result("8MiB", "fast"),
		"the run had map[size:4MiB]":          result("4MiB", "fast"),
		"threads has no figure fast.answered": result("8MiB", "slow-reader"),
	} {
		if got := strings.Join(neverGraded(t, &lab, r), "\n"); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	lab.Guess.Kind = "range"
	if got := neverGraded(t, &lab, result("8MiB", "fast")); len(got) != 1 || !strings.Contains(got[0], "two limits") {
		t.Errorf("a range without limits: %q", got)
	}
}
