package site

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"era/lab/recording"
)

// The picture of a recorded run, drawn once here so that it is there without scripts. All lengths are in the units of
// its view box, which are CSS pixels on a wide screen.
const (
	pictureWidth  = 960
	gutter        = 112 // names of lanes
	paneHead      = 30
	axisHeight    = 26
	mostLanes     = 60        // of connections, or of threads, in one pane
	thin          = 4         // lanes below this have bars that are plain lines: no outline
	pictureBudget = 14 * 1024 // bytes, before compression: a chapter with four pictures stays within the page budget
)

// picture is drawn from a recorded run.
type picture struct {
	b      strings.Builder
	rec    *recording.Recording
	length int64
	grain  float64 // marks closer than this are drawn as one
	states map[recording.State]bool
	y      float64
}

// drawPicture gives the SVG, and the states that it shows in the order of the legend. name makes its ids unique.
func drawPicture(name string, rec *recording.Recording, titles []string) (string, []recording.State) {
	var p *picture
	var svg string
	for grain := 1.0; ; grain *= 2 {
		p = &picture{rec: rec, grain: grain, states: map[recording.State]bool{}, length: max(rec.Length, 1)}
		svg = p.draw(name, titles)
		if len(svg) <= pictureBudget || grain > 8 {
			break
		}
	}
	var shown []recording.State
	for _, s := range stateOrder {
		if p.states[s] {
			shown = append(shown, s)
		}
	}
	return svg, shown
}

func (p *picture) draw(name string, titles []string) string {
	for _, t := range p.rec.Tracks {
		for _, m := range t.Marks {
			p.length = max(p.length, m.At+m.Took)
		}
	}
	for i, track := range p.rec.Tracks {
		p.pane(titles[i], track)
	}
	p.axis()
	var verdicts []string
	for _, s := range p.rec.Result.Servers {
		verdicts = append(verdicts, s.Verdict)
	}
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="lanes" viewBox="0 0 %d %.0f" width="%d" height="%.0f" role="img" aria-labelledby="%s-t %s-d">`,
		pictureWidth, p.y, pictureWidth, p.y, name, name)
	fmt.Fprintf(&svg, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		name, html.EscapeString("Lanes of "+strings.Join(titles, " and ")+", on one clock"), name, html.EscapeString(strings.Join(verdicts, " ")))
	svg.WriteString(p.b.String())
	svg.WriteString("</svg>")
	return svg.String()
}

func (p *picture) x(at int64) float64 {
	return gutter + float64(at)/float64(p.length)*(pictureWidth-gutter-8)
}

// pane draws one server: its threads, then its connections.
func (p *picture) pane(title string, t recording.Track) {
	fmt.Fprintf(&p.b, `<text class="server-name" x="0" y="%.0f">%s</text>`, p.y+20, html.EscapeString(title))
	p.y += paneHead
	byLane := map[int][]recording.Mark{}
	for _, m := range t.Marks {
		byLane[m.Lane] = append(byLane[m.Lane], m)
	}
	var threads, connections []recording.Lane
	for _, l := range t.Lanes {
		if l.Kind == "connection" {
			connections = append(connections, l)
		} else {
			threads = append(threads, l)
		}
	}
	slices.SortStableFunc(connections, func(a, b recording.Lane) int {
		return cmp.Compare(order(connections, a.Group), order(connections, b.Group))
	})
	p.lanes(threads, byLane, 16, "thread")
	p.y += 4
	p.lanes(connections, byLane, 9, "connection")
	p.y += 10
}

// order is the place of a group by its first lane.
func order(lanes []recording.Lane, group string) int {
	return slices.IndexFunc(lanes, func(l recording.Lane) bool { return l.Group == group })
}

// lanes draws lanes of one kind, thinner when there are many; of very many it draws some and says so.
func (p *picture) lanes(lanes []recording.Lane, marks map[int][]recording.Mark, height float64, kind string) {
	all, every := len(lanes), lanes
	if all > mostLanes {
		var some []recording.Lane
		for i := range mostLanes {
			some = append(some, lanes[i*all/mostLanes])
		}
		lanes = some
	}
	gap := 2.0
	switch n := len(lanes); {
	case n > 48:
		height, gap = 3, 0.5
	case n > 24:
		height, gap = 5, 1
	case n > 8 || kind == "connection":
		height, gap = min(height, 7), 1.5
	}
	bars, glyphs := map[recording.State]*strings.Builder{}, map[recording.State]*strings.Builder{}
	label := ""
	top := p.y
	for i, lane := range lanes {
		if text := laneLabel(every, lane); text != label && (i == 0 || p.y-top >= 12) {
			fmt.Fprintf(&p.b, `<text class="lane-name" x="%d" y="%.1f">%s</text>`, gutter-8, p.y+max(height/2, 5)+4, html.EscapeString(text))
			label, top = text, p.y
		}
		p.lane(lane, marks[lane.ID], height, bars, glyphs)
		p.y += height + gap
	}
	for _, s := range stateOrder {
		if b := bars[s]; b != nil {
			if height < thin {
				fmt.Fprintf(&p.b, `<path class="t-%s" stroke="url(#s-%s)" stroke-width="%s" d="%s"/>`, s, s, num(height), b)
			} else {
				fmt.Fprintf(&p.b, `<path class="b-%s" fill="url(#s-%s)" d="%s"/>`, s, s, b)
			}
		}
	}
	for _, s := range stateOrder {
		if g := glyphs[s]; g != nil {
			fmt.Fprintf(&p.b, `<path class="g-%s"%s d="%s"/>`, s, dotSize(s, height), g)
		}
	}
	if len(lanes) < all {
		fmt.Fprintf(&p.b, `<text class="lane-more" x="%d" y="%.1f">%d of %s %ss are drawn, evenly chosen</text>`, gutter, p.y+11, len(lanes), thousands(int64(all)), kind)
		p.y += 16
	}
}

// laneLabel names a lane by itself where there are few, and by its group otherwise.
func laneLabel(lanes []recording.Lane, lane recording.Lane) string {
	same := 0
	for _, l := range lanes {
		if l.Group == lane.Group {
			same++
		}
	}
	switch {
	case same == 1 || len(lanes) <= 4:
		return lane.Name
	case lane.Group == "":
		return thousands(int64(same)) + " " + lane.Kind + "s"
	}
	return thousands(int64(same)) + " × " + lane.Group
}

// lane draws the marks of one lane: states with a duration as bars, moments as glyphs.
func (p *picture) lane(lane recording.Lane, marks []recording.Mark, height float64, bars, glyphs map[recording.State]*strings.Builder) {
	slices.SortStableFunc(marks, func(a, b recording.Mark) int { return cmp.Compare(a.At, b.At) })
	type run struct{ from, to float64 }
	open := map[recording.State]*run{}
	close := func(s recording.State, r *run) {
		if height < thin {
			into(bars, s, "M%.0f %sH%.0f", r.from, num(p.y+height/2), max(r.from+1, r.to))
			return
		}
		width := max(1, math.Round(r.to)-math.Round(r.from))
		into(bars, s, "M%.0f %sh%.0fv%sh-%.0fz", r.from, num(p.y), width, num(height), width)
	}
	last := map[recording.State]float64{}
	for _, m := range marks {
		if lane.Kind == "connection" && (m.Call != "" && m.State != recording.Failed) {
			continue // what the server does is told by its threads; a connection tells what its client sees
		}
		p.states[m.State] = true
		x, to := p.x(m.At), p.x(m.At+m.Took)
		if glyph(m.State) && to-x < 3 {
			if before, is := last[m.State]; is && x-before < max(p.grain*3, 2.5) {
				continue
			}
			last[m.State] = x
			p.glyph(m.State, x, height, glyphs)
			continue
		}
		if to-x < 1 && (lane.Kind == "connection" || m.State == recording.Running) {
			continue // too short to be seen, and what ended it is drawn as a moment
		}
		to = max(to, x+1)
		switch r := open[m.State]; {
		case r == nil:
			open[m.State] = &run{x, to}
		case x <= r.to+p.grain:
			r.to = max(r.to, to)
		default:
			close(m.State, r)
			open[m.State] = &run{x, to}
		}
	}
	for s, r := range open {
		close(s, r)
	}
}
