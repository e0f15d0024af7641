package recording

import (
	"reflect"
	"testing"
)

func TestRows(t *testing.T) {
	var lanes []Lane
	add := func(n int, kind, group string) {
		for range n {
			lanes = append(lanes, Lane{ID: len(lanes), Kind: kind, Group: group})
		}
	}
	add(2, "connection", "slow")
	add(1, "thread", "")
	add(5, "connection", "fast")
	add(5, "task", "fast")
	add(1, "connection", "slow")
	add(1, "task", "")
	want := []Row{
		{Kind: "thread", Lanes: []int{2}, Label: "1 thread\nin all", Plain: "threads"},
		{Kind: "task", Group: "fast", Lanes: []int{8, 9, 10, 11, 12}, Fold: true, Open: true, Label: "5 tasks\nof fast",
			Plain: "tasks"},
		{Kind: "task", Lanes: []int{14}, Label: "1 task", Plain: "tasks"},
		{Kind: "connection", Group: "slow", Lanes: []int{0, 1, 13}, Label: "slow × 3", Plain: "slow"},
		{Kind: "connection", Group: "fast", Lanes: []int{3, 4, 5, 6, 7}, Fold: true, Open: true, Label: "fast × 5",
			Plain: "fast"},
	}
	if got := Rows(lanes, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Up to 24 clients are shown one by one, and then what serves them is summed up.
func TestOpenRows(t *testing.T) {
	type counts struct{ threads, clients, coming, tasks int }
	for given, want := range map[counts]map[string]string{
		{threads: 4, clients: 4}:              {"thread": "lanes", "connection": "lanes"},
		{threads: 5, clients: 24}:             {"thread": "open", "connection": "open"},
		{threads: 25, clients: 24}:            {"thread": "folded", "connection": "open"},
		{threads: 20, clients: 20}:            {"thread": "folded", "connection": "open"},
		{threads: 20, clients: 3}:             {"thread": "open", "connection": "lanes"},
		{threads: 20, clients: 25}:            {"thread": "open", "connection": "folded"},
		{threads: 1, clients: 3, coming: 20}:  {"thread": "lanes", "connection": "open"},
		{threads: 1, clients: 20, coming: 50}: {"thread": "lanes", "connection": "folded"},
		{threads: 1, clients: 1, tasks: 2}:    {"thread": "lanes", "connection": "lanes", "task": "lanes"},
		{threads: 1, clients: 1, tasks: 3}:    {"thread": "lanes", "connection": "lanes", "task": "folded"},
	} {
		var lanes []Lane
		add := func(n int, kind, group string) {
			for range n {
				lanes = append(lanes, Lane{ID: len(lanes), Kind: kind, Group: group})
			}
		}
		add(given.threads, "thread", "")
		add(given.tasks, "task", "")
		add(given.clients, "connection", "fast")
		got := map[string]string{}
		for _, r := range Rows(lanes, map[string]int{"fast": given.coming}) {
			switch {
			case r.Open:
				got[r.Kind] = "open"
			case r.Fold:
				got[r.Kind] = "folded"
			default:
				got[r.Kind] = "lanes"
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %v, want %v", given, got, want)
		}
	}
}
