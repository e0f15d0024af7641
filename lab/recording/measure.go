package recording

import (
	"fmt"
	"slices"
	"strings"
)

// What a guess of the reader can be about: "fast.answered", a figure of a group of clients; "total.p99", one of all
// clients; "threads_max", one of the server itself; "syscalls.read", how often a call was made.
var (
	groupFigures = []figure[Group]{
		{"answered", func(g Group) float64 { return float64(g.Requests.Answered) }},
		{"failed", func(g Group) float64 { return float64(g.Requests.Failed) }},
		{"sent", func(g Group) float64 { return float64(g.Requests.Sent) }},
		{"p50", func(g Group) float64 { return g.Latency.P50 }},
		{"p90", func(g Group) float64 { return g.Latency.P90 }},
		{"p99", func(g Group) float64 { return g.Latency.P99 }},
		{"max", func(g Group) float64 { return g.Latency.Max }},
	}
	serverFigures = []figure[Server]{
		{"threads_max", func(s Server) float64 { return float64(s.ThreadsMax) }},
		{"rss_kb_max", func(s Server) float64 { return float64(s.RSSKBMax) }},
		{"cpu_ms", func(s Server) float64 { return s.CPUMS }},
		{"eagain", func(s Server) float64 { return float64(s.Again) }},
	}
)

type figure[Of any] struct {
	name string
	of   func(Of) float64
}

// find is the figure of a name, or nil, and the names of all.
func find[Of any](figures []figure[Of], name string) (of func(Of) float64, names string) {
	var all []string
	for _, f := range figures {
		all = append(all, f.name)
		if f.name == name {
			of = f.of
		}
	}
	return of, strings.Join(all, ", ")
}

const firstByte = "first_byte" // the one figure that not every group has

// Measure is the figure that a guess was about; false when the server has none.
func (s Server) Measure(what string) (float64, bool) {
	group, name, of := strings.Cut(what, ".")
	if !of {
		if get, _ := find(serverFigures, what); get != nil {
			return get(s), true
		}
		return 0, false
	}
	if group == "syscalls" {
		return float64(s.Syscalls[name]), true
	}
	g, has := s.PerGroup[group]
	if group == "total" {
		g, has = s.Group, true
	}
	switch get, _ := find(groupFigures, name); {
	case has && get != nil:
		return get(g), true
	case has && name == firstByte && g.FirstByte != nil:
		return g.FirstByte.P50, true
	}
	return 0, false
}

// CheckMeasure says why a guess cannot be about something in a scenario, which has these groups of clients, and replies
// that come in pieces or do not. A guess may be about nothing.
func CheckMeasure(what, scenario string, groups []string, inPieces bool) error {
	group, name, of := strings.Cut(what, ".")
	ofServer, serverNames := find(serverFigures, what)
	ofGroup, groupNames := find(groupFigures, name)
	switch {
	case what == "", group == "syscalls" && name != "", ofServer != nil:
		return nil
	case !of:
		return fmt.Errorf("measure %q: want GROUP.FIGURE, syscalls.NAME, or one of %s", what, serverNames)
	case group != "total" && !slices.Contains(groups, group):
		return fmt.Errorf("measure %q: scenario %s has the groups %s, and total", what, scenario, strings.Join(groups, ", "))
	case name == firstByte && !inPieces:
		return fmt.Errorf("measure %q: the replies of scenario %s come at once", what, scenario)
	case name != firstByte && ofGroup == nil:
		return fmt.Errorf("measure %q: a group has the figures %s, %s", what, groupNames, firstByte)
	}
	return nil
}
