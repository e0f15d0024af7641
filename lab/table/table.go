// Package table is the table of results: its columns, their order, and their cells as text. Terminal and pages show the
// same; the terminal adds a column about the start.
package table

import (
	"strconv"

	"era/lab/recording"
	"era/lab/words"
)

// Table has a row for each server of a result, without the server's name.
type Table struct {
	Heads   []Head     `json:"heads"`
	Columns []Column   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Head stands above the columns: above those of a group of clients, or as that of one column.
type Head struct {
	Column
	Of int `json:"of,omitempty"` // so many columns of the group that is its name
}

// Column is one figure.
type Column struct {
	Group string `json:"group,omitempty"` // of clients; "" when the figure is of the server itself
	Name  string `json:"name"`
	Note  string `json:"note,omitempty"` // a qualification of the name
}

// Title returns the whole name of the column: "fast median", "memory, without files".
func (c Column) Title() string {
	title := c.Name
	if c.Group != "" {
		title = c.Group + " " + title
	}
	if c.Note != "" {
		title += ", " + c.Note
	}
	return title
}

// none is the text of a cell without a figure.
const none = "–"

// figure is a column and how its cells are made.
type figure struct {
	Column
	cell func(recording.Server) string
}

// costs are the columns of the server itself.
var costs = []figure{
	{Column{Name: "OS threads", Note: "with the runtime’s"},
		func(s recording.Server) string { return strconv.Itoa(s.ThreadsMax) }},
	{Column{Name: "memory", Note: "without files"}, memory},
	{Column{Name: "CPU"}, func(s recording.Server) string { return words.Millis(s.CPUMS) }},
	{Column{Name: "calls"}, calls},
	{Column{Name: "EAGAIN"}, again},
}

// Of makes the table of a result: the times of each group of clients, and the costs of the server.
func Of(groups []string, r recording.Result) Table {
	var figures []figure
	for _, g := range groups {
		figures = append(figures, ofGroup(g, r.Servers)...)
	}
	figures = append(figures, costs...)
	t := Table{Rows: [][]string{}}
	for i, f := range figures {
		t.Columns = append(t.Columns, f.Column)
		switch {
		case f.Group == "":
			t.Heads = append(t.Heads, Head{Column: f.Column})
		case i == 0 || f.Group != figures[i-1].Group:
			t.Heads = append(t.Heads, Head{Column{Name: f.Group}, 1})
		default:
			t.Heads[len(t.Heads)-1].Of++
		}
	}
	for _, server := range r.Servers {
		var row []string
		for _, f := range figures {
			row = append(row, f.cell(server))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ofGroup returns the columns of a group, none if no requests of its clients were counted.
func ofGroup(name string, servers []recording.Server) []figure {
	counted, inPieces := false, false
	for _, s := range servers {
		g := s.PerGroup[name]
		counted = counted || g.Requests != (recording.Requests{})
		inPieces = inPieces || g.FirstByte != nil
	}
	if !counted {
		return nil
	}
	latency := func(of func(recording.Group) *float64) func(recording.Server) string {
		return func(s recording.Server) string {
			g := s.PerGroup[name]
			if ms := of(g); ms != nil && g.Requests.Answered > 0 {
				return words.Millis(*ms)
			}
			return none
		}
	}
	figures := []figure{
		{Column{Group: name, Name: "answered"}, func(s recording.Server) string {
			r := s.PerGroup[name].Requests
			// One that was not even sent was wanted as well.
			return words.Number(r.Answered) + " of " + words.Number(r.Answered+r.Failed)
		}},
		{Column{Group: name, Name: "median"}, latency(func(g recording.Group) *float64 { return &g.Latency.P50 })},
		{Column{Group: name, Name: "longest"}, latency(func(g recording.Group) *float64 { return &g.Latency.Max })},
	}
	if inPieces {
		figures = append(figures, figure{Column{Group: name, Name: "first byte"}, latency(func(g recording.Group) *float64 {
			if g.FirstByte == nil {
				return nil
			}
			return &g.FirstByte.P50
		})})
	}
	return figures
}

func memory(s recording.Server) string {
	if s.RSSKBMax == 0 { // this system does not say
		return none
	}
	return words.Bytes(s.RSSKBMax << 10)
}

func calls(s recording.Server) string {
	var n int64
	for _, count := range s.Syscalls {
		n += count
	}
	return counted(s, n)
}

func again(s recording.Server) string { return counted(s, s.Again) }

// counted formats a count of calls, if they were traced.
func counted(s recording.Server, n int64) string {
	if !s.Traced.Seen() {
		return none
	}
	return words.Number(n)
}
