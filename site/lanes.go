package site

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"era/lab/recording"
	"era/lab/story"
	"era/lab/words"
)

// The picture of a recorded run, drawn here once so that it exists without scripts. All lengths are in the units of its
// view box, which are CSS pixels on a wide screen.
const (
	pictureWidth = 960
	gutter       = 140 // names of lanes
	paneHead     = 30
	axisHeight   = 26
	foldHeight   = 34.0
	lowHeight    = 6.0 // of a lane in a group
	lineHeight   = 14.0
	// bytes of all pictures of a page, before compression: with it the pages stay within their budget
	pictureBudget = 18 << 10
)

// picture is the picture of a recorded run.
type picture struct {
	b      strings.Builder
	names  strings.Builder // of the lanes of a pane
	labels strings.Builder // on them
	said   []box           // where labels stand
	rec    *recording.Recording
	story  []story.Moment
	track  recording.Track // of the pane
	length int64
	detail
	states map[recording.State]bool
	y      float64
}

// detail is how much a picture shows.
type detail struct {
	grain float64 // marks closer than this are drawn as one
	sums  bool    // groups are drawn as their sum, however few they are
}

// The coarsest pictures have no labels, and no lines to the numbers of their story.
func (d detail) labelled() bool { return d.grain <= 16 }

// details are the most detail first.
var details = []detail{{1, false}, {2, false}, {4, false}, {1, true}, {2, true}, {4, true}, {8, true}, {16, true},
	{32, true}, {48, true}}

// drawPicture returns the SVG, and the states that it shows in the order of the legend. name makes its ids unique. It
// gives up detail until it has no more than the given number of bytes.
func drawPicture(name string, rec *recording.Recording, titles []string, bytes int,
	told ...story.Moment) (string, []recording.State) {
	var p *picture
	var svg string
	for _, d := range details {
		p = &picture{rec: rec, story: told, detail: d, states: map[recording.State]bool{}, length: max(rec.Length, 1)}
		if svg = p.draw(name, titles); len(svg) <= bytes {
			break
		}
	}
	var shown []recording.State
	for _, look := range recording.Looks {
		if p.states[look.State] {
			shown = append(shown, look.State)
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
		top := p.y + paneHead
		p.pane(titles[i], track, p.rec.Result.Servers[i].PerGroup)
		p.moments(i, top)
	}
	p.axis()
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="lanes" viewBox="0 0 %d %.0f" width="%d" height="%.0f" role="img" `+
		`aria-labelledby="%s"><title id="%[5]s">%s</title>`, pictureWidth, p.y, pictureWidth, p.y, name,
		html.EscapeString("Lanes of "+words.And(titles)+", on one clock"))
	svg.WriteString(p.b.String())
	svg.WriteString("</svg>")
	return svg.String()
}

// coarse reports whether there is little room for the picture: some detail is left to the live viewer.
func (p *picture) coarse() bool { return p.grain > 4 }

func (p *picture) x(at int64) float64 {
	return gutter + float64(at)/float64(p.length)*(pictureWidth-gutter-8)
}

// heights of lanes, by kind.
var heights = map[string]float64{"thread": 18, "coroutine": 12, "task": 12, "connection": 12}

// pane draws one server: its threads, coroutines and tasks, then its connections, by groups of alike lanes.
func (p *picture) pane(title string, t recording.Track, groups map[string]recording.Group) {
	fmt.Fprintf(&p.b, `<text class="server-name" x="0" y="%.0f">%s</text>`, p.y+20, html.EscapeString(title))
	p.y += paneHead
	p.track = t
	top := p.y
	p.names.Reset()
	p.labels.Reset()
	d := drawing{}
	byLane := make([][]recording.Mark, len(t.Lanes))
	for _, m := range t.Marks {
		byLane[m.Lane] = append(byLane[m.Lane], m)
	}
	last := ""
	for _, row := range recording.Rows(t.Lanes, nil) {
		if last != "" && last != row.Kind {
			p.y += 4
		}
		last = row.Kind
		switch low := len(row.Lanes) > fewNamed; {
		case row.Fold && (p.sums || !row.Open) || p.coarse() && len(row.Lanes) > 2:
			p.fold(row, groups, byLane, d)
		case low:
			p.sayGroup(p.group(row, groups, t, byLane, d))
		default:
			p.sayLanes(t, p.lanes(row, t, byLane, d))
		}
	}
	p.y += 4
	d.write(p)
	for _, flag := range []struct {
		at    int64
		words string
	}{{t.Told, "SIGTERM"}, {t.Died, "the server ended"}} {
		if flag.at > 0 {
			fmt.Fprintf(&p.b, `<path class="told" d="M%.0f %.0fV%.0f"/><text x="%.0f" y="%.0f">%s</text>`,
				p.x(flag.at), top-4, p.y+6, p.x(flag.at)+4, p.y+6, flag.words)
		}
	}
	fmt.Fprintf(&p.b, `<g class="lane-name" transform="translate(%d)">%s</g>`, gutter-8, p.names.String())
	fmt.Fprintf(&p.b, `<g class="says">%s</g>`, p.labels.String())
	p.y += 8
}

// fewNamed lanes of a row have room for their names; more stand close together.
const fewNamed = 8

// lanes draws the lanes of a row, each with its name.
func (p *picture) lanes(of recording.Row, t recording.Track, marks [][]recording.Mark, d drawing) []row {
	var rows []row
	for _, id := range of.Lanes {
		lane, height := t.Lanes[id], heights[of.Kind]
		p.label(p.y+height/2+4, laneLabel(lane))
		rows = append(rows, row{lane, p.y, height, p.lane(lane, marks[id], height, d)})
		p.y += height + 2
	}
	return rows
}

// group draws the lanes of a row close together, with one name for all of them.
func (p *picture) group(of recording.Row, groups map[string]recording.Group, t recording.Track,
	marks [][]recording.Mark, d drawing) []row {
	p.describe(of, groups)
	var rows []row
	for _, id := range of.Lanes {
		rows = append(rows, row{t.Lanes[id], p.y, lowHeight, p.lane(t.Lanes[id], marks[id], lowHeight, d)})
		p.y += lowHeight + 2
	}
	p.y += 3
	return rows
}

// describe writes beside a row what its lanes are, and how the clients among them fared.
func (p *picture) describe(of recording.Row, groups map[string]recording.Group) (lines int) {
	text := of.Label
	if r := groups[of.Group].Requests; of.Kind == "connection" && r.Answered+r.Failed > 0 {
		text += "\n" + words.Number(r.Answered) + " answered"
		if r.Failed > 0 {
			text += "\n" + words.Number(r.Failed) + " failed"
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		lines++
		p.label(p.y+lineHeight*float64(lines)-3, line)
	}
	return lines
}

func (p *picture) label(y float64, text string) {
	fmt.Fprintf(&p.names, `<text y="%.0f">%s</text>`, y, html.EscapeString(text))
}

// laneLabel names a lane; without room the kind of a task is left out first.
func laneLabel(lane recording.Lane) string {
	if number, found := strings.CutPrefix(lane.Name, lane.Kind+" "); found && len(lane.Name) > 22 {
		return number
	}
	return lane.Name
}

// lane draws the marks of one lane: states with a duration as bars, moments as glyphs. It returns those that it
// shows.
func (p *picture) lane(lane recording.Lane, marks []recording.Mark, height float64, d drawing) (
	shown []recording.Mark,
) {
	slices.SortStableFunc(marks, func(a, b recording.Mark) int { return cmp.Compare(a.At, b.At) })
	type run struct{ from, to float64 }
	open := map[recording.State]*run{}
	close := func(s recording.State, r *run) {
		width := max(1, math.Round(r.to)-math.Round(r.from))
		switch {
		case s == recording.Parked: // a thin line, on which the steps lie
			d.add(rests, s, 0, "M%.0f %sh%.0f", r.from, num(p.y+height/2), width)
		case s.Look().Edge:
			d.add(bands, s, 0, "M%.0f %sh%.0fv%sh-%.0fz", r.from, num(p.y), width, num(height), width)
		default: // a thick line takes fewer bytes
			d.add(bars, s, height, "M%.0f %sh%.0f", r.from, num(p.y+height/2), width)
		}
	}
	last := map[recording.State]float64{}
	for _, m := range marks {
		if lane.Kind == "connection" && (m.Call != "" && m.State != recording.Failed) {
			continue // the server's calls are on its threads' lanes; a connection's lane shows what its client sees
		}
		x, to := p.x(m.At), p.x(m.At+m.Took)
		if p.coarse() && m.State == recording.Called && to-x < 3 {
			continue
		}
		p.states[m.State] = true
		shown = append(shown, m)
		if m.State.Moment() && to-x < 3 {
			if before, is := last[m.State]; is && x-before < max(p.grain*3, 2.5) {
				continue
			}
			last[m.State] = x
			p.glyph(m.State, x, height, d)
			continue
		}
		if to-x < 1 && (lane.Kind == "connection" || lane.Kind == "thread" && m.State == recording.Running) {
			continue // too short to be seen, and its end is drawn as a moment
		}
		if m.Turns(lane.Kind) && to-x > 6 { // steps with rests between them
			d.add(rests, recording.Parked, 0, "M%.0f %sH%.0f", x, num(p.y+height/2), to)
			d.add(steps, recording.Running, height, "M%.0f %sH%.0f", x, num(p.y+height/2), to)
			continue
		}
		if lane.Kind != "thread" && m.State == recording.Running && to-x < 2 { // a step, not a band of many
			if before, is := last[m.State]; !is || x-before >= max(p.grain, 2) {
				last[m.State] = x
				d.add(bars, m.State, height, "M%.0f %sh1", x, num(p.y+height/2))
			}
			continue
		}
		to = max(to, x+1)
		if to-x > 4 && p.track.CutOff(m, p.rec.Length) { // its right edge is torn
			tooth := num(height / 4)
			d.add(torn, "", 0, "M%.0f %sl-4 %[3]s 4 %[3]s-4 %[3]s 4 %[3]sz", math.Round(to), num(p.y), tooth)
		}
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
	return shown
}
