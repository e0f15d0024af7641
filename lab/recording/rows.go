package recording

import (
	"slices"

	"era/lab/words"
)

// Kind is what a lane stands for.
type Kind struct {
	Name  string `json:"-"`
	Steps bool   `json:"steps"` // short ones, which lie upon waits
}

// Kinds are those of lanes, in the order in which they stand in a picture.
var Kinds = []Kind{{"thread", false}, {"coroutine", true}, {"task", true}, {"connection", false}}

// Turns tells that the mark stands for several steps of a lane of this kind, with rests between them.
func (m Mark) Turns(kind string) bool {
	return m.Count > 1 && m.State == Running && slices.Contains(Kinds, Kind{kind, true})
}

// few lanes of one kind and group are never folded.
const few = 4

// Row stands in a picture for the lanes of one kind and group.
type Row struct {
	Kind  string `json:"kind"`
	Group string `json:"group,omitempty"`
	Lanes []int  `json:"-"`
	Fold  bool   `json:"fold,omitempty"` // there are so many that they are shown as their sum, until a reader wants each
	Label string `json:"label"`          // of the sum; it may have two lines
}

// Rows are the rows of a track's lanes in the order of the picture: by kind, and within a kind the group that came
// first.
func Rows(lanes []Lane) []Row {
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
	for i := range rows {
		rows[i].Fold, rows[i].Label = len(rows[i].Lanes) > few, rows[i].label()
	}
	return rows
}

func (r Row) label() string {
	what := words.Plural(len(r.Lanes), r.Kind)
	switch {
	case r.Kind == "thread": // fewer may live at once, and a runtime has others for itself
		return what + "\nin all"
	case r.Group == "":
		return what
	case r.Kind == "connection":
		return r.Group + " × " + words.Number(len(r.Lanes))
	}
	return what + "\nof " + r.Group
}
