package site

import (
	"fmt"
	"slices"
	"strings"

	"era/chapters"
	"era/lab/recording"
	"era/lab/story"
	"era/lab/words"
)

// momentView is a moment as the page's list has it.
type momentView struct {
	ID    string // of its anchor: "lab-one-slow@1.90s"
	Time  string
	Where string // the servers
	Words string
}

// moments are those of a recorded run for the page's list, whose numbers stand on the picture as well.
func moments(lab *chapters.Lab, all []story.Moment, titles []string) []momentView {
	var shown []momentView
	for _, m := range all {
		var servers []string
		for _, i := range m.Servers() {
			servers = append(servers, titles[i])
		}
		where := words.And(servers)
		if n := len(servers); n > 1 && n == len(titles) {
			where = fmt.Sprintf("all %d servers", n)
			if n == 2 {
				where = "both servers"
			}
		}
		id := "lab-" + lab.Name + "@" + m.Time
		shown = append(shown, momentView{id, words.Millis(float64(m.At) / 1e6), where, m.Words})
	}
	return shown
}

// told returns the story of a lab's recorded run: the author's, or the one that the lab finds.
func told(lab *chapters.Lab, rec *recording.Recording) ([]story.Moment, error) {
	if len(lab.Story) == 0 {
		return story.Of(rec), nil
	}
	var all []story.Moment
	for _, t := range lab.Story {
		m, err := story.Tell(rec, story.Telling(t.Telling))
		if err != nil {
			return nil, chapters.Located{Line: t.Line, Err: err}
		}
		all = append(all, m)
	}
	return story.InOrder(all), nil
}

// checkStory returns what is wrong with the story that an author gives: the recorded run does not have it.
func (e *edition) checkStory(lab *chapters.Lab) []error {
	if len(lab.Story) == 0 {
		return nil
	}
	var wrong []error
	if n := len(lab.Story); n < 3 || n > story.Most {
		wrong = append(wrong, fmt.Errorf("a story has 3 to %d moments, not %d", story.Most, n))
	}
	rec, err := e.recorded(lab)
	if err != nil {
		return wrong // a lab without a recording is reported as such
	}
	if _, err := told(lab, rec); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
}

const momentHeight = 20 // of the numbers below a pane

// moments draws the numbers of the moments of a server below its lanes, each with a line through these, if there is
// room.
func (p *picture) moments(server int, top float64) {
	var lines, numbers strings.Builder
	last := 0.0
	for i, m := range p.story {
		if !slices.Contains(m.Servers(), server) {
			continue
		}
		x := p.x(m.At)
		at := max(x, last+18) // numbers of moments that are close stand side by side
		last = at
		fmt.Fprintf(&lines, "M%.0f %.0fV%.0f", x, top-4, p.y+4)
		fmt.Fprintf(&numbers, `<text x="%.0f">%c</text>`, at, '①'+i)
	}
	if lines.Len() == 0 {
		return
	}
	p.b.WriteString(`<g class="moments">`)
	if p.labelled() {
		fmt.Fprintf(&p.b, `<path d="%s"/>`, lines.String())
	}
	fmt.Fprintf(&p.b, `<g transform="translate(0 %.0f)">%s</g></g>`, p.y+18, numbers.String())
	p.y += momentHeight
}
