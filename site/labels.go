package site

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"era/lab/recording"
	"era/lab/words"
)

// Labels of a picture name what is on its lanes where there is room for the words: on bars, and beside how lanes ended.
// No label lies on another, on a moment, or where a bar begins or ends. The viewer, which has more room, has more of
// them (web/lab/labels.js).

const (
	letter      = 7.0 // the width of a letter, at most: a page does not know which font it will have
	labelHeight = 16.0
	glyphReach  = 7.0 // from a moment to where its glyph ends
)

// row is a lane that was drawn.
type row struct {
	recording.Lane
	y, height float64
	marks     []recording.Mark // in the order of their beginnings
}

// box is where a label stands.
type box struct{ x, y, width float64 }

// say writes a text at the first of the places where it fits, and reports whether there was one.
func (p *picture) say(rows []row, text string, places ...box) bool {
	if !p.labelled() {
		return false
	}
	for _, b := range places {
		if b.x < gutter+2 || b.x+b.width > pictureWidth-4 || !p.free(rows, b) {
			continue
		}
		p.said = append(p.said, b)
		fmt.Fprintf(&p.labels, `<text x="%.0f" y="%.0f">%s</text>`, b.x, b.y+labelHeight-4, html.EscapeString(text))
		return true
	}
	return false
}

func (p *picture) free(rows []row, b box) bool {
	for _, other := range p.said {
		if b.x < other.x+other.width+6 && other.x < b.x+b.width+6 && math.Abs(b.y-other.y) < labelHeight {
			return false
		}
	}
	for _, r := range rows {
		if r.y >= b.y+labelHeight-1 || b.y+1 >= r.y+r.height {
			continue
		}
		for _, m := range r.marks {
			from, to, reach := p.x(m.At), p.x(m.At+m.Took), 0.0
			if m.State.Moment() {
				reach = glyphReach
			}
			for _, edge := range []float64{from, to} {
				if b.x-reach < edge && edge < b.x+b.width+reach {
					return false
				}
			}
		}
	}
	return true
}

func widthOf(text string) float64 { return letter * float64(utf8.RuneCountInString(text)) }

// sayLanes labels lanes that stand one by one: the longest bar of each state, and how the last of them ended.
func (p *picture) sayLanes(t recording.Track, rows []row) {
	said := map[string]bool{}
	for _, r := range rows {
		longest := map[recording.State]recording.Mark{}
		for _, m := range r.marks {
			if !m.State.Moment() && m.Took > longest[m.State].Took {
				longest[m.State] = m
			}
		}
		y := r.y + (r.height-labelHeight)/2
		for _, look := range recording.Looks {
			m, is := longest[look.State]
			if !is {
				continue
			}
			text := labelOf(t, r.Lane, m)
			from, to, width := p.x(m.At), p.x(m.At+m.Took), widthOf(text)
			if !said[text] && to-from > width+8 {
				said[text] = p.say(rows, text, box{from + 5, y, width}, box{(from + to - width) / 2, y, width},
					box{to - 5 - width, y, width})
			}
		}
		if i := len(r.marks) - 1; i >= 0 && r.marks[i].State.Look().End {
			x, text := p.x(r.marks[i].At), labelOf(t, r.Lane, r.marks[i])
			width := widthOf(text)
			if !said[text] {
				said[text] = p.say(rows, text, box{x + glyphReach + 1, y, width}, box{x - glyphReach - 1 - width, y, width})
			}
		}
	}
}

// sayGroup labels lanes that are too low for a label each: the most that are in one state at once, and how many ended
// in which way.
func (p *picture) sayGroup(rows []row) {
	at := func(i int) float64 { return rows[i].y + rows[i].height - labelHeight }
	fromMiddle := make([]int, len(rows))
	for i := range rows {
		fromMiddle[i] = i
	}
	middle := len(rows) / 2
	away := func(i int) int { return max(i-middle, middle-i) }
	slices.SortStableFunc(fromMiddle, func(a, b int) int { return away(a) - away(b) })
	for _, look := range recording.Looks {
		n, from, to := most(rows, look.State)
		if look.Many == "" || n < 2 {
			continue
		}
		text := words.Number(n) + " " + look.Many
		width, x := widthOf(text), p.x(from)+5
		if x+width > p.x(to) {
			continue
		}
		var places []box
		for _, i := range fromMiddle[:max(len(rows)-2, 0)] {
			places = append(places, box{x, at(i), width})
		}
		p.say(rows, text, places...)
	}
	type last struct {
		n, row int
		at     int64
	}
	ends := map[string]last{}
	for i, r := range rows {
		for _, m := range r.marks {
			if m.State.Look().End {
				text := labelOf(recording.Track{}, r.Lane, m)
				l := ends[text]
				if l.n++; m.At >= l.at {
					l.row, l.at = i, m.At
				}
				ends[text] = l
			}
		}
	}
	for _, word := range slices.Sorted(maps.Keys(ends)) {
		l := ends[word]
		text := word
		if l.n > 1 {
			text += " ×" + words.Number(l.n)
		}
		x, width := p.x(l.at), widthOf(text)
		var places []box
		for _, i := range append([]int{l.row}, fromMiddle...) {
			places = append(places, box{x + glyphReach + 1, at(i), width}, box{x - glyphReach - 1 - width, at(i), width})
		}
		p.say(rows, text, places...)
	}
}

// most returns how many of the lanes are in a state at the same time, at most, and the longest stretch in which they
// are.
func most(rows []row, s recording.State) (n int, from, to int64) {
	type change struct {
		at int64
		by int
	}
	var changes []change
	for _, r := range rows {
		for _, m := range r.marks {
			if m.State == s {
				changes = append(changes, change{m.At, 1}, change{m.At + m.Took, -1})
			}
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) })
	now := 0
	for i, c := range changes {
		now += c.by
		if i+1 == len(changes) || now < n {
			continue
		}
		if next := changes[i+1].at; now > n || next-c.at > to-from {
			n, from, to = now, c.at, next
		}
	}
	return n, from, to
}

// labelOf says what a mark is, in a few words: "blocked in read on slow 1".
func labelOf(t recording.Track, lane recording.Lane, m recording.Mark) string {
	look := m.State.Look()
	text := cmp.Or(look.One, look.Word)
	switch {
	case m.State == recording.Failed && m.Errno != "":
		text, _, _ = strings.Cut(m.Errno, ",")
		text, _, _ = strings.Cut(text, ":")
		text, _, _ = strings.Cut(text, " with ")
	case m.Call != "" && !m.State.Moment():
		text += " in " + m.Call
		if m.State != recording.Blocked {
			break
		}
		for _, other := range t.Marks { // the same call is drawn on the client's lane
			if l := t.Lanes[other.Lane]; l.Kind == "connection" && other.At == m.At && other.FD == m.FD && other.Call == m.Call {
				return text + " on " + l.Name
			}
		}
	}
	return text
}
