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
		{Kind: "thread", Lanes: []int{2}, Label: "1 thread\nin all"},
		{Kind: "task", Group: "fast", Lanes: []int{8, 9, 10, 11, 12}, Fold: true, Label: "5 tasks\nof fast"},
		{Kind: "task", Lanes: []int{14}, Label: "1 task"},
		{Kind: "connection", Group: "slow", Lanes: []int{0, 1, 13}, Label: "slow × 3"},
		{Kind: "connection", Group: "fast", Lanes: []int{3, 4, 5, 6, 7}, Fold: true, Label: "fast × 5"},
	}
	if got := Rows(lanes); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
