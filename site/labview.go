package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"era/catalogue"
	"era/chapters"
	"era/lab/recording"
	"era/lab/table"
	"era/lab/verdict"
)

// labView is the template's data of a lab block.
type labView struct {
	*chapters.Lab
	Settings string // of all knobs, as JSON: {"clients":20,"pause":2000}
	Guess    string // as JSON; "" if nothing is asked
	Made     string // of the recording: where, when, with which knobs
	Expect   string
	Variants []catalogue.Variant
	Rec      *recording.Recording // nil without one
	Results  []verdict.Server     // of the recording
	Picture  string
	Legend   []recording.State
	Table    table.Table
	Moments  []momentView
}

func (v *view) labView(lab *chapters.Lab) (*labView, error) {
	l := &labView{Lab: lab}
	e, wrong := Resolve(lab)
	if wrong != nil {
		return nil, errors.Join(wrong...)
	}
	data, err := json.Marshal(e.Settings)
	if err != nil {
		return nil, err
	}
	l.Settings, l.Expect, l.Variants = string(data), e.Scenario.Expect, e.Servers
	if g, err := guessOf(lab); err != nil {
		return nil, err
	} else if g != nil {
		if data, err = json.Marshal(g); err != nil {
			return nil, err
		}
		l.Guess = string(data)
	}
	if v.brief {
		return l, nil
	}
	d, err := v.e.drawn(lab, v.room())
	if err != nil || d == nil {
		return l, err
	}
	l.Rec, l.Picture, l.Legend = d.rec, d.picture, d.legend
	l.Results = verdict.On(l.Rec.Result).Servers
	var knobs []string
	for _, k := range e.Scenario.Knobs {
		knobs = append(knobs, k.Label+": "+k.Text(e.Settings[k.Name]))
	}
	l.Made = fmt.Sprintf("Recorded on %s, %s; %s. The same bytes with the same pauses for each server, on one clock.",
		l.Rec.Machine, l.Rec.Made, strings.Join(knobs, ", "))
	l.Moments = moments(lab, d.story, l.titles())
	if busy := verdict.Busy(l.Rec.Result.Load); busy != "" {
		l.Made += " " + busy
	}
	l.Table = table.Of(e.Scenario.Groups, l.Rec.Result)
	return l, nil
}

// room returns how many bytes a picture of the page may have.
func (v *view) room() int {
	if v.still > 0 {
		return v.still
	}
	pictures := 3 // with fewer on a page they are not larger
	if v.chapter != nil {
		pictures = max(pictures, len(v.chapter.Labs()))
	}
	return pictureBudget / pictures
}

func (l *labView) titles() []string { return titles(l.Rec) }

// titles returns the recorded servers by name and language.
func titles(rec *recording.Recording) []string {
	var all []string
	for _, s := range rec.Result.Servers {
		all = append(all, catalogue.Title(s.ID, s.Language))
	}
	return all
}

// servers returns the names as the viewer takes them: "blocking,select/python".
func (l *labView) servers() string { return strings.Join(l.Lab.Servers, ",") }
