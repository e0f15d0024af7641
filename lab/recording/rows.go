package recording

import (
	"cmp"
	"slices"

	"era/lab/words"
)

// Kind is what a lane stands for.
type Kind struct {
	Name  string `json:"-"`
	Steps bool   `json:"steps"` // short ones, which lie upon waits
	Row   string `json:"-"`     // the name of a row, for example
	Means string `json:"-"`     // what such a row is
}

// Kinds are those of lanes, in the order in which they stand in a picture.
var Kinds = []Kind{
	{"thread", false, "thread 1", "a thread of the server, and shows what it does"},
	{"coroutine", true, "coroutine 3 · fast 2", "a coroutine of the server, here the one that serves the client fast 2"},
	{"task", true, "task 3 · fast 2", "a task of the server's event loop, here one that serves the client fast 2"},
	{"connection", false, "fast 2", "a client, and shows what it sees of the server"},
}

// Turns tells that the mark stands for several steps of a lane of this kind, with rests between them.
func (m Mark) Turns(kind string) bool {
	steps := func(k Kind) bool { return k.Name == kind && k.Steps }
	return m.Count > 1 && m.State == Running && slices.ContainsFunc(Kinds, steps)
}

// How many lanes of one kind and group are shown one by one.
const (
	few     = 4  // they are never folded
	several = 8  // may be folded, and are open at first
	crowd   = 24 // the same for clients; also for what serves them, unless the clients are open
)

// Row stands in a picture for the lanes of one kind and group.
type Row struct {
	Kind  string `json:"kind"`
	Group string `json:"group,omitempty"`
	Lanes []int  `json:"-"`
	Fold  bool   `json:"fold,omitempty"`  // there are so many that they can be shown as their sum
	Open  bool   `json:"open,omitempty"`  // of a fold: its lanes are shown at first
	Label string `json:"label"`           // of the sum; it may have two lines
	Plain string `json:"plain,omitempty"` // the same while nothing of the result may be seen: without a number
}

// Rows are the rows of a track's lanes in the order of the picture: by kind, and within a kind the group that came
// first. While a run goes on, clients are how many there will be in each group, so that a row is not folded when the
// last of them come.
func Rows(lanes []Lane, clients map[string]int) []Row {
	var rows []Row
	at := map[[2]string]int{}
	for _, kind := range Kinds {
		for _, l := range lanes {
			if l.Kind != kind.Name {
				continue
			}
			key := [2]string{l.Kind, l.Group}
			if _, known := at[key]; !known {
				at[key] = len(rows)
				rows = append(rows, Row{Kind: l.Kind, Group: l.Group})
			}
			row := &rows[at[key]]
			row.Lanes = append(row.Lanes, l.ID)
		}
	}
	size := func(r Row) int {
		if r.Kind == "connection" || r.Group != "" {
			return max(len(r.Lanes), clients[r.Group])
		}
		return len(r.Lanes)
	}
	wide := func(r Row) bool { return r.Kind == "connection" && size(r) > several && size(r) <= crowd }
	served := slices.ContainsFunc(rows, wide)
	for i, r := range rows {
		n := size(r)
		r.Fold, r.Open = n > few, n > few && (n <= several || wide(r) || n <= crowd && !served)
		if r.inner() && n > 2 { // a reader seldom wants them
			r.Fold, r.Open = true, false
		}
		r.Label, r.Plain = r.label(), r.plain()
		rows[i] = r
	}
	return rows
}

// inner tells that the lanes are tasks that serve no client: what the server is made of.
func (r Row) inner() bool { return r.Kind == "task" && r.Group == "" }

func (r Row) label() string {
	what := words.Plural(len(r.Lanes), r.Kind)
	switch {
	case r.Kind == "thread": // fewer may live at once, and a runtime has others for itself
		return what + "\nin all"
	case r.inner() && r.Fold:
		return what + "\nof the server"
	case r.Group == "":
		return what
	case r.Kind == "connection":
		return r.Group + " × " + words.Number(len(r.Lanes))
	}
	return what + "\nof " + r.Group
}

func (r Row) plain() string {
	if r.Kind == "connection" {
		return cmp.Or(r.Group, "clients")
	}
	return r.Kind + "s"
}
