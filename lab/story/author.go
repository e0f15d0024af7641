package story

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"era/lab/recording"
)

// Telling is a moment as an author gives it: a time, or else a state, of which it is the first or the last time, or the
// time at which most lanes are in it. At, First, Last and Most exclude each other.
type Telling struct {
	At, First, Last, Most string
	Server                string // "select/python"; "" is the first one
	Of                    string // a group of clients, a kind of lanes, or one lane; "" is all lanes
	// Say is the sentence, in which {state} is how many of the lanes are in a state then, or have had it by then.
	Say string
}

var (
	placeholder = regexp.MustCompile(`\{([^{}]*)\}`)
	number      = regexp.MustCompile(`\d[\d,.]*`)
)

// Tell looks for the moment in a run. What the run does not have is an error, and so is a number in the sentence that
// is typed and not counted: it would be wrong when the run is recorded again.
func Tell(r *recording.Recording, t Telling) (m Moment, err error) {
	run := newRun(r, byTitle)
	s, err := run.side(t.Server)
	if err != nil {
		return m, err
	}
	lanes, err := s.called(t.Of)
	if err != nil {
		return m, err
	}
	m = Moment{Server: s.index, Lane: -1}
	switch what := t.First + t.Last + t.Most; {
	case given(t.At, t.First, t.Last, t.Most) != 1:
		return m, fmt.Errorf("want one of at, first, last, most")
	case t.At != "":
		at, err := time.ParseDuration(t.At)
		if err != nil || at < 0 || int64(at) > run.length {
			return m, fmt.Errorf("at %q: want a time within the run, as 1.9s; it takes %s", t.At, span(run.length))
		}
		m.At, m.Kind = int64(at), "time"
	default:
		if recording.State(what).Order() < 0 {
			return m, fmt.Errorf("unknown state %q; there are: %s", what, states())
		}
		m.Kind = what
		marks := marksOf(lanes, recording.State(what))
		if len(marks) == 0 {
			return m, fmt.Errorf("%s: in the recording, no lane%s of %s is ever %s", what, ofWhich(t.Of), s.name, what)
		}
		switch {
		case t.Most != "":
			_, m.At, _ = peak(marks)
		case t.First != "":
			m.At, m.Lane = marks[0].At, marks[0].Lane
		default:
			m.At, m.Lane = marks[len(marks)-1].At, marks[len(marks)-1].Lane
		}
	}
	m.Words, err = s.say(t.Say, lanes, m.At, r.Result.Settings)
	return m, err
}

func given(texts ...string) (n int) {
	for _, text := range texts {
		if text != "" {
			n++
		}
	}
	return n
}

func ofWhich(of string) string {
	if of == "" {
		return ""
	}
	return " of " + of
}

// side returns the server with the name.
func (r *run) side(name string) (*side, error) {
	name = strings.TrimSuffix(name, "/go")
	var names []string
	for _, s := range r.sides {
		if s.name == name || name == "" {
			return s, nil
		}
		names = append(names, s.name)
	}
	return nil, fmt.Errorf("no server %q in the recording; there are: %s", name, strings.Join(names, ", "))
}

// called returns the lanes of a group, of a kind, or with a name.
func (s *side) called(of string) (lanes []*lane, err error) {
	for i := range s.lanes {
		if l := &s.lanes[i]; of == "" || l.Group == of || l.Kind == of || l.Name == of {
			lanes = append(lanes, l)
		}
	}
	if len(lanes) == 0 {
		return nil, fmt.Errorf("%s has no lane, no kind of lanes and no group %q in the recording", s.name, of)
	}
	return lanes, nil
}

// marksOf returns the marks in a state, as a picture shows them: the calls on a connection's lane are its threads'.
func marksOf(lanes []*lane, state recording.State) (marks []recording.Mark) {
	for _, l := range lanes {
		for _, some := range [][]recording.Mark{l.bars, l.calls, l.ends} {
			for _, m := range some {
				if m.State == state && (m.Call == "" || l.Kind != "connection") {
					marks = append(marks, m)
				}
			}
		}
	}
	slices.SortStableFunc(marks, func(a, b recording.Mark) int { return cmp.Compare(a.At, b.At) })
	return marks
}

// say fills in the numbers of the sentence.
func (s *side) say(text string, lanes []*lane, at int64, settings map[string]string) (string, error) {
	var wrong error
	said := placeholder.ReplaceAllStringFunc(text, func(name string) string {
		state := recording.State(strings.Trim(name, "{}"))
		if state.Order() < 0 {
			wrong = fmt.Errorf("say: unknown state %s; there are: %s", name, states())
			return name
		}
		of := map[int]bool{}
		for _, m := range marksOf(lanes, state) {
			if state.Moment() && m.At <= at || m.At <= at && at < m.At+m.Took {
				of[m.Lane] = true
			}
		}
		return strconv.Itoa(len(of))
	})
	if said == "" {
		wrong = fmt.Errorf("say: there is no sentence")
	}
	if wrong != nil {
		return said, wrong
	}
	rest := placeholder.ReplaceAllString(text, "")
	for _, l := range s.lanes {
		rest = strings.ReplaceAll(strings.ReplaceAll(rest, l.Name, ""), capital(l.Name), "")
	}
	known := []string{}
	for _, value := range settings {
		known = append(known, number.FindString(value))
	}
	for _, m := range marksOf(lanes, recording.Failed) { // "status 503"
		known = append(known, number.FindAllString(m.Errno, -1)...)
	}
	for _, n := range number.FindAllString(rest, -1) {
		if n = strings.TrimRight(n, ".,"); !slices.Contains(known, n) {
			return said, fmt.Errorf("say: the number %s is neither a setting nor in the name of a lane or the reason of a failure: "+
				"write {answered}, {queued} or another state, and the number is counted", n)
		}
	}
	return said, nil
}

func states() string {
	var all []string
	for _, look := range recording.Looks {
		all = append(all, string(look.State))
	}
	return strings.Join(all, ", ")
}
