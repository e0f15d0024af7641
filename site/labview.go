package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"era/catalogue"
	"era/chapters"
	"era/lab/recording"
	"era/lab/verdict"
	"era/lab/words"
)

// labView is a lab block as the template needs it.
type labView struct {
	*chapters.Lab
	Settings string // of all knobs, as JSON: {"clients":20,"pause":2000}
	Made     string // of the recording: where, when, with which knobs
	Expect   string
	Variants []catalogue.Variant
	Rec      *recording.Recording // nil when there is none
	Results  []verdict.Server     // of the recording
	Picture  string
	Legend   []recording.State
	Columns  []string
	Rows     [][]string
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
	l.table(e.Scenario.Groups)
	return l, nil
}

// room returns how many bytes a picture of the page may have.
func (v *view) room() int {
	pictures := 3 // on a page with fewer they are not larger
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
		all = append(all, serverTitle(s.ID, s.Language))
	}
	return all
}

func serverTitle(id, language string) string {
	title := id
	for _, s := range catalogue.Servers() {
		if s.ID == id {
			title = s.Title
		}
	}
	return title + " · " + languageNames[language]
}

// table makes the table of results: how many were answered and how fast, and what it cost.
func (l *labView) table(groups []string) {
	l.Columns = []string{"Server"}
	// Nothing is counted for members that only listen.
	groups = slices.DeleteFunc(slices.Clone(groups), func(g string) bool {
		return !slices.ContainsFunc(l.Rec.Result.Servers, func(s recording.Server) bool { return s.PerGroup[g].Requests != recording.Requests{} })
	})
	first := func(of recording.Group) bool { return of.FirstByte != nil }
	for i, g := range groups {
		l.Columns = append(l.Columns, g+" answered")
		if i == 0 { // the group that matters
			l.Columns = append(l.Columns, "median", "slowest")
		}
		if first(l.Rec.Result.Servers[0].PerGroup[g]) {
			l.Columns = append(l.Columns, "first byte")
		}
	}
	l.Columns = append(l.Columns, "threads, the runtime’s included", "calls", "EAGAIN", "CPU", "memory, without files")
	for i, s := range l.Rec.Result.Servers {
		row := []string{titles(l.Rec)[i]}
		for j, g := range groups {
			of := s.PerGroup[g]
			row = append(row, fmt.Sprintf("%d of %d", of.Requests.Answered, of.Requests.Answered+of.Requests.Failed))
			if j == 0 {
				row = append(row, latency(of, of.Latency.P50), latency(of, of.Latency.Max))
			}
			if first(of) {
				row = append(row, latency(of, of.FirstByte.P50))
			}
		}
		calls, again := "–", "–"
		if s.Traced.Seen() {
			var n int64
			for _, count := range s.Syscalls {
				n += count
			}
			calls, again = words.Number(n), words.Number(s.Again)
		}
		l.Rows = append(l.Rows, append(row, strconv.Itoa(s.ThreadsMax), calls, again, words.Millis(s.CPUMS), words.Bytes(s.RSSKBMax<<10)))
	}
}

func latency(g recording.Group, ms float64) string {
	if g.Requests.Answered == 0 {
		return "–"
	}
	return words.Millis(ms)
}

// servers returns the names as the viewer takes them: "blocking,select/python".
func (l *labView) servers() string { return strings.Join(l.Lab.Servers, ",") }
