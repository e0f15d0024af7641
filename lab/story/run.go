package story

import (
	"bytes"
	"cmp"
	"slices"

	"era/lab/recording"
	"era/lab/scenario"
)

const ms = int64(1e6) // ns

// run is a recording as the finders look at it.
type run struct {
	length   int64
	scenario scenario.Scenario          // without a name if it does not exist any more
	script   map[string]scenario.Client // the first client of each group; empty if the scenario has changed since
	sides    []*side
}

// side is one server of a run.
type side struct {
	recording.Server
	index  int
	name   string // as people type it: "select/python"
	title  string // within a sentence
	seen   recording.Observed
	told   int64
	lanes  []lane
	groups []group        // of clients, the one that matters first
	calls  map[call]*lane // the connections for which calls were made, if their lanes show calls
}

// lane is a lane with its marks, in the order of time.
type lane struct {
	recording.Lane
	bars  []recording.Mark // states
	calls []recording.Mark
	ends  []recording.Mark // moments: answers, failures, the ends of tasks
}

// call is a call as the lanes of its thread and of its connection show it.
type call struct {
	at, took int64
	name     string
	fd       int
}

// group is a group of clients.
type group struct {
	name string
	noun
	clients int // in the script
	lanes   []*lane
}

func newRun(r *recording.Recording, name func(recording.Server) string) *run {
	found, _ := scenario.Find(r.Result.Scenario) // without it, only the names of groups are less telling
	all := &run{length: max(r.Length, 1), scenario: found, script: script(found, r.Result)}
	for i, s := range r.Result.Servers {
		if i < len(r.Tracks) {
			side := newSide(found, i, s, r.Tracks[i])
			side.title = name(s)
			all.sides = append(all.sides, side)
		}
	}
	return all
}

// script returns the first client of each group.
func script(sc scenario.Scenario, r recording.Result) map[string]scenario.Client {
	first := map[string]scenario.Client{}
	settings, err := sc.Parse(r.Settings)
	if sc.Name == "" || err != nil {
		return first
	}
	all := scenario.Experiment{Scenario: sc, Settings: settings, Seed: r.Seed}.Script()
	if all.SHA256() != r.Traffic {
		return first
	}
	for _, c := range all.Clients {
		if _, known := first[c.Group]; !known {
			first[c.Group] = c
		}
	}
	return first
}

// asks reports whether the clients of a group ask for what the server must wait for: its backend, or the next piece.
func (r *run) asks(group string) bool {
	return slices.ContainsFunc(r.script[group].Steps, func(step scenario.Step) bool {
		return slices.ContainsFunc([]string{"/ask?", "/rows?", "/stream?"}, func(path string) bool {
			return bytes.Contains(step.Bytes, []byte(path))
		})
	})
}

// types reports whether the clients of a group pause in the middle of what they send. If they do not, and pause, they
// have asked and do not read.
func (r *run) types(group string) bool {
	paused := false
	for _, step := range r.script[group].Steps {
		if step.Do == scenario.Send && paused {
			return true
		}
		paused = paused || step.Do == scenario.Pause
	}
	return false
}

func newSide(sc scenario.Scenario, index int, server recording.Server, t recording.Track) *side {
	s := &side{Server: server, index: index, name: server.ID, told: t.Told, lanes: make([]lane, len(t.Lanes)),
		calls: map[call]*lane{}}
	if server.Language != "go" {
		s.name += "/" + server.Language
	}
	if server.Observed != nil {
		s.seen = *server.Observed
	}
	for i, l := range t.Lanes {
		s.lanes[i].Lane = l
	}
	for _, m := range t.Marks {
		l := &s.lanes[m.Lane]
		switch {
		case m.Call != "":
			l.calls = append(l.calls, m)
			if l.Kind == "connection" {
				s.calls[call{m.At, m.Took, m.Call, m.FD}] = l
			}
		case m.State.Moment():
			l.ends = append(l.ends, m)
		default:
			l.bars = append(l.bars, m)
		}
	}
	for i := range s.lanes {
		for _, marks := range [][]recording.Mark{s.lanes[i].bars, s.lanes[i].calls, s.lanes[i].ends} {
			slices.SortStableFunc(marks, func(a, b recording.Mark) int { return cmp.Compare(a.At, b.At) })
		}
	}
	at := map[string]int{}
	add := func(name string) {
		if _, known := at[name]; !known {
			at[name] = len(s.groups)
			s.groups = append(s.groups, group{name: name, noun: people(sc.Name, name), clients: s.seen.Groups[name].Clients})
		}
	}
	for _, name := range sc.Groups {
		add(name)
	}
	for i := range s.lanes {
		if l := &s.lanes[i]; l.Kind == "connection" {
			add(l.Group)
			g := &s.groups[at[l.Group]]
			g.lanes = append(g.lanes, l)
		}
	}
	s.groups = slices.DeleteFunc(s.groups, func(g group) bool { return len(g.lanes) == 0 })
	for i := range s.groups {
		s.groups[i].clients = max(s.groups[i].clients, len(s.groups[i].lanes))
	}
	return s
}

// behind reports whether clients of the group fared worse than on another server: fewer of their requests were
// answered, or the unluckiest waited much longer.
func (r *run) behind(s *side, group string) bool {
	mine := s.PerGroup[group]
	return slices.ContainsFunc(r.sides, func(other *side) bool {
		theirs := other.PerGroup[group]
		return theirs.Requests.Answered > mine.Requests.Answered || theirs.Requests.Answered == mine.Requests.Answered &&
			mine.Latency.Max > 3*theirs.Latency.Max+20
	})
}

// late reports whether any clients fared worse than on another server.
func (r *run) late(s *side) bool {
	return slices.ContainsFunc(s.groups, func(g group) bool { return r.behind(s, g.name) })
}

// of returns the lanes of a kind.
func (s *side) of(kinds ...string) []*lane {
	var all []*lane
	for i := range s.lanes {
		if slices.Contains(kinds, s.lanes[i].Kind) {
			all = append(all, &s.lanes[i])
		}
	}
	return all
}

// group returns the group with the name, nil if it has no lanes.
func (s *side) group(name string) *group {
	for i := range s.groups {
		if s.groups[i].name == name {
			return &s.groups[i]
		}
	}
	return nil
}

// answers returns when its clients were answered, in the order of time.
func (g *group) answers() []int64 {
	var all []int64
	for _, l := range g.lanes {
		for _, m := range l.ends {
			if m.State == recording.Answered {
				all = append(all, m.At)
			}
		}
	}
	slices.Sort(all)
	return all
}

// answered returns how many of its clients have had an answer by then.
func (g *group) answered(by int64) (n int) {
	for _, l := range g.lanes {
		if slices.ContainsFunc(l.ends, func(m recording.Mark) bool { return m.State == recording.Answered && m.At <= by }) {
			n++
		}
	}
	return n
}

// state is the state that lasts at a time, or "".
func (l *lane) state(at int64) recording.State {
	for _, m := range l.bars {
		if m.At <= at && at < m.At+m.Took {
			return m.State
		}
	}
	return ""
}

// in returns how many of the lanes are in the state.
func in(lanes []*lane, state recording.State, at int64) (n int) {
	for _, l := range lanes {
		if l.state(at) == state {
			n++
		}
	}
	return n
}

// sleeping returns the call in which a thread sleeps at a time, nil if it does not.
func (l *lane) sleeping(at int64) *recording.Mark {
	for i, m := range l.calls {
		if m.State == recording.Blocked && m.At <= at && at < m.At+m.Took {
			return &l.calls[i]
		}
	}
	return nil
}

// spans returns the bars in a state.
func spans(lanes []*lane, state recording.State) (all []recording.Mark) {
	for _, l := range lanes {
		for _, m := range l.bars {
			if m.State == state {
				all = append(all, m)
			}
		}
	}
	return all
}

// peak returns how many marks lie over each other, at most, and when they first do.
func peak(marks []recording.Mark) (most int, from, to int64) {
	type edge struct {
		at   int64
		step int
	}
	var edges []edge
	for _, m := range marks {
		edges = append(edges, edge{m.At, 1}, edge{m.At + m.Took, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.step, b.step)) })
	n, open := 0, false
	for _, e := range edges {
		if e.step < 0 && open {
			to, open = e.at, false
		}
		if n += e.step; n > most {
			most, from, open = n, e.at, true
		}
	}
	return most, from, to
}

// mean returns how long the marks took on average.
func mean(marks []recording.Mark) int64 {
	if len(marks) == 0 {
		return 0
	}
	var sum int64
	for _, m := range marks {
		sum += m.Took
	}
	return sum / int64(len(marks))
}
