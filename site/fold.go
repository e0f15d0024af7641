package site

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"era/lab/recording"
	"era/lab/words"
)

// fold draws the lanes of a row as their sum: how many of them are in which state, as a pile of bands over time, and on
// it how they ended.
func (p *picture) fold(row recording.Row, groups map[string]recording.Group, marks [][]recording.Mark, d drawing) {
	below := p.y + lineHeight*float64(p.describe(row, groups)) + 3
	kind, all := row.Kind, float64(len(row.Lanes))
	step := 3 * min(p.grain, 24)
	columns := int((pictureWidth-gutter-8)/step) + 1
	column := func(at int64) int { return min(max(int((p.x(at)-gutter)/step), 0), columns-1) }
	shares := map[recording.State][]float64{} // how many lanes are in the state, on average over each column's time
	add := func(s recording.State, m recording.Mark) {
		if shares[s] == nil {
			shares[s] = make([]float64, columns)
		}
		from, to := (p.x(m.At)-gutter)/step, (p.x(m.At+m.Took)-gutter)/step
		share, last := shares[s], column(m.At+m.Took)
		for i := column(m.At); i <= last; i++ {
			share[i] += max(0, min(to, float64(i+1))-max(from, float64(i)))
		}
	}
	short := map[int]int{} // too short to be a band
	ended := map[spot]end{}
	for _, lane := range row.Lanes {
		for _, m := range marks[lane] {
			if kind == "connection" && m.Call != "" && m.State != recording.Failed {
				continue // as on a lane
			}
			if m.State.Moment() {
				x := p.x(m.At)
				key := spot{m.State, int(x / p.nearby())}
				if m.State.Look().End {
					ended[key] = end{ended[key].n + 1, ended[key].sum + x}
				}
				continue
			}
			from, to := column(m.At), column(m.At+m.Took)
			switch {
			case m.Turns(kind):
				add(recording.Parked, m)
				for i, n := 0, min(m.Count, to-from); i < n; i++ {
					short[from+i*(to-from)/n]++
				}
			case from == to && m.State == recording.Running && kind != "thread":
				short[from]++
			default:
				add(m.State, m)
			}
		}
	}
	base := make([]float64, columns)
	for _, s := range recording.Piled {
		share := shares[s]
		if share == nil {
			continue
		}
		top := make([]float64, columns)
		for i := range columns {
			top[i] = min(foldHeight, base[i]+share[i]/all*foldHeight)
		}
		if band := p.band(base, top, step); band != "" {
			p.states[s] = true
			d.add(bands, s, 0, "%s", band)
		}
		base = top
	}
	for i := range columns {
		if n := short[i]; n > 0 {
			p.states[recording.Running] = true
			d.add(bars, recording.Running, 1.5, "M%s %.0fv-%.0f", num(gutter+float64(i)*step), p.y+foldHeight,
				max(1.5, min(1, float64(n)/all)*foldHeight))
		}
	}
	p.ends(ended, d)
	d.add(floors, recording.Idle, 0, "M%d %.0fH%d", gutter, p.y+foldHeight, pictureWidth-8)
	p.y = max(p.y+foldHeight+3, below)
}

// spot is where moments of a state are too close together to be told apart.
type spot struct {
	state recording.State
	x     int // in units of nearby
}

// end is how many moments there are, and the sum of their places.
type end struct {
	n   int
	sum float64
}

// nearby is how close moments on a sum are drawn as one.
func (p *picture) nearby() float64 { return 4 * p.grain }

// ends draws how the lanes of a fold ended, and says where a sign stands for many.
func (p *picture) ends(all map[spot]end, d drawing) {
	places := slices.SortedFunc(maps.Keys(all), func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.state.Order(), b.state.Order()), a.x-b.x)
	})
	for i, at := range places {
		p.states[at.state] = true
		x, down := all[at].sum/float64(all[at].n), 0.0
		if at.state == recording.Cancelled { // it often comes with an error
			down = 11
		}
		p.y += down
		p.glyph(at.state, x, 9, d)
		p.y -= down
		alone := i+1 == len(places) || places[i+1].state != at.state || float64(places[i+1].x-at.x)*p.nearby() > 40
		if text := "×" + words.Number(all[at].n); all[at].n >= 5 && alone {
			y, width := p.y+down-3, widthOf(text)
			p.say(nil, text, box{x + glyphReach, y, width}, box{x - glyphReach - width, y, width})
		}
	}
}

// band returns the path of the area between two step lines, which are heights above the row's floor.
func (p *picture) band(base, top []float64, step float64) string {
	var b strings.Builder
	x := func(i int) string { return num(min(gutter+float64(i)*step, pictureWidth-8)) }
	places := func(heights []float64) []int { // from the top of the picture
		all := make([]int, len(heights))
		for i, h := range heights {
			all[i] = int(math.RoundToEven(p.y + foldHeight - h))
		}
		return all
	}
	low, high := places(base), places(top)
	for i := 0; i < len(top); {
		if high[i] == low[i] {
			i++
			continue
		}
		end := i
		for end < len(top) && high[end] != low[end] {
			end++
		}
		fmt.Fprintf(&b, "M%s %d", x(i), high[i])
		for j := i + 1; j < end; j++ {
			if high[j] != high[j-1] {
				fmt.Fprintf(&b, "H%sV%d", x(j), high[j])
			}
		}
		fmt.Fprintf(&b, "H%sV%d", x(end), low[end-1])
		for j := end - 1; j > i; j-- {
			if low[j] != low[j-1] {
				fmt.Fprintf(&b, "H%sV%d", x(j), low[j-1])
			}
		}
		fmt.Fprintf(&b, "H%sz", x(i))
		i = end
	}
	return b.String()
}
