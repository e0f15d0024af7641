package live

import (
	"cmp"
	"slices"

	"era/lab/recording"
)

// goesOn is how long a mark took, on the wire, that is not over: it grows in the page by itself.
const goesOn = -1

// known is what goes on, as far as the page knows: of each track the marks that it was sent and not told the end of, by
// lane. Ten thousand connections would otherwise be sent anew with each batch.
type known [][]recording.Mark

// abridge leaves out of a batch what the page knows.
func (k *known) abridge(frame any) {
	switch f := frame.(type) {
	case started:
		*k = nil
	case *batch:
		for len(*k) < len(f.Tracks) {
			*k = append(*k, nil)
		}
		for i := range f.Tracks {
			t, was := &f.Tracks[i], (*k)[i]
			(*k)[i] = byLane(t.Open, f.Now)
			t.Open, t.Over = changes(was, (*k)[i])
		}
	}
}

// byLane sorts marks by lane. Those that last until now have no length.
func byLane(marks []recording.Mark, now int64) []recording.Mark {
	sorted := slices.Clone(marks)
	for i := range sorted {
		if m := &sorted[i]; m.At+m.Took >= now {
			m.Took = goesOn
		}
	}
	slices.SortStableFunc(sorted, func(a, b recording.Mark) int { return cmp.Compare(a.Lane, b.Lane) })
	return sorted
}

// changes returns all marks of the lanes that have other marks than before, and the lanes that have none any more.
func changes(before, after []recording.Mark) (changed []recording.Mark, over []int) {
	changed = []recording.Mark{}
	for len(before) > 0 || len(after) > 0 {
		lane := min(laneOf(before), laneOf(after))
		was, is := before[:count(before, lane)], after[:count(after, lane)]
		switch {
		case len(is) == 0:
			over = append(over, lane)
		case !slices.Equal(was, is):
			changed = append(changed, is...)
		}
		before, after = before[len(was):], after[len(is):]
	}
	return changed, over
}

// laneOf returns the lane of the first mark; more than any without marks.
func laneOf(marks []recording.Mark) int {
	if len(marks) == 0 {
		return int(^uint(0) >> 1)
	}
	return marks[0].Lane
}

// count returns how many of the marks are of a lane, at the beginning.
func count(marks []recording.Mark, lane int) int {
	n := 0
	for n < len(marks) && marks[n].Lane == lane {
		n++
	}
	return n
}
