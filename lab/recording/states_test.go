package recording

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"testing"
)

// Each constant of a state has a look, and each bar has a place where many lanes are summed up.
func TestStates(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "states.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is {
			return true
		}
		if kind, named := spec.Type.(*ast.Ident); !named || kind.Name != "State" {
			return true
		}
		constants++
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if State(text).Order() < 0 {
			t.Errorf("%s has no look: describe it in Looks", spec.Names[0])
		}
		return true
	})
	if constants != len(Looks) {
		t.Errorf("%d constants, %d looks", constants, len(Looks))
	}
	for _, l := range Looks {
		if piled := slices.Contains(Piled, l.State); piled == l.State.Moment() {
			t.Errorf("%s: is in Piled: %v, is a moment: %v; want bars in Piled, and no moments", l.State, piled, l.State.Moment())
		}
	}
}

// The signs of a recording's file are those of its lanes and marks.
func TestSignsIn(t *testing.T) {
	data, err := json.Marshal(Recording{Tracks: Tracks{{Lanes: []Lane{{Kind: "task", Name: "task 1"}}, Sites: []Site{},
		Marks: []Mark{{State: Parked, FD: -1, Count: 1, Site: -1}, {At: 5, State: Returned, FD: -1, Count: 1, Site: -1}}}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := SignsIn(data)
	if want := map[string]bool{"task": true, "parked": true, "returned": true}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}
