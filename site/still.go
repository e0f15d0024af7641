package site

import (
	"fmt"
	"strings"

	"era/lab/recording"
)

// A still is the picture of a recorded run as a file of its own: its colours and patterns are in it, and it needs no
// style sheet. Programs for reading books know less of style sheets than browsers do, so it has no variables.

const (
	stillPaper = "#fffdf9"
	stillInk   = "#222"
	stillQuiet = "#5c5a55"
	stillEdge  = "#8d877a"
)

// still returns a picture as a file. states are those that it shows.
func still(svg string, states ...recording.State) string {
	head, rest, _ := strings.Cut(svg, ">")
	head, _, _ = strings.Cut(head, ` role="img"`) // the document that shows it says what it is
	var defs strings.Builder
	for _, l := range recording.Looks {
		for _, s := range states {
			if s == l.State {
				defs.WriteString(patternOf(l))
			}
		}
	}
	return head + ` xmlns="http://www.w3.org/2000/svg"><style>` + stillStyle + `</style><defs>` + defs.String() +
		`</defs><rect fill="` + stillPaper + `" width="100%" height="100%"/>` + rest
}

// patternOf is the fill of a state, as stateDefs and the style sheet of pages have it.
func patternOf(l recording.Look) string {
	ink := map[recording.Ink]string{recording.Own: l.Light, recording.Paper: stillPaper, recording.Dark: stillInk,
		recording.Text: stillInk}[l.Ink]
	soft := l.Soft
	if soft == 0 {
		soft = 1
	}
	path := ""
	if l.Pattern != "" {
		path = fmt.Sprintf(`<path d="%s" fill="none" stroke="%s" stroke-opacity="%v" stroke-width="%v" `+
			`stroke-linecap="round"/>`, l.Pattern, ink, soft, l.Width)
	}
	return fmt.Sprintf(`<pattern id="s-%s" width="8" height="8" patternUnits="userSpaceOnUse">`+
		`<rect width="8" height="8" fill="%s" fill-opacity="%v"/>%s</pattern>`, l.State, l.Light, l.Fill, path)
}

// stillStyle is what web/page/blocks.css, states.css and story.css have for pictures, on light paper.
var stillStyle = func() string {
	var b strings.Builder
	rule := func(selector, what string) { fmt.Fprintf(&b, "%s{%s}", selector, what) }
	rule("text", "font:13px sans-serif;fill:"+stillQuiet)
	rule(".says text", "fill:"+stillInk+";stroke:"+stillPaper+
		";stroke-width:6px;stroke-linejoin:round;paint-order:stroke")
	rule(".server-name", "fill:"+stillInk+";font-weight:600;font-size:14px")
	rule(".lane-name", "text-anchor:end")
	rule(".tick", "text-anchor:middle")
	rule(".tick :first-child", "text-anchor:start")
	rule(".axis", "stroke:"+stillEdge+";fill:none")
	rule(".fold", "stroke-width:0.5")
	rule(".told", "stroke:"+stillInk+";stroke-dasharray:6 3;fill:none")
	rule(".moments path", "fill:none;stroke:"+stillInk+";stroke-width:0.75;stroke-dasharray:2 3")
	rule(".moments .at", "stroke:#8a2f17;stroke-width:17;stroke-linecap:round;stroke-dasharray:none")
	rule(".moments text", "fill:"+stillPaper+";font-size:11px;font-weight:600;text-anchor:middle")
	for _, l := range recording.Looks {
		name := string(l.State)
		if l.Edge && !l.Rest {
			rule(".b-"+name, "stroke:"+stillInk+";stroke-opacity:0.7;stroke-width:0.6")
		}
		switch l.State {
		case recording.Running:
			rule(".t-"+name, "stroke:"+l.Light+";stroke-dasharray:1.2 2.8;fill:none")
		case recording.Parked:
			rule(".t-"+name, "stroke:"+l.Light+";stroke-width:2;fill:none")
		case recording.Idle:
			rule(".b-"+name, "stroke:"+l.Light+";stroke-opacity:0.5;stroke-width:0.8")
		case recording.Called:
			rule(".g-"+name, "stroke:"+l.Light+";stroke-opacity:0.75;stroke-width:1;fill:none")
		case recording.Again:
			rule(".g-"+name, "stroke:"+l.Light+";stroke-width:1.5;fill:none")
		case recording.Cancelled:
			rule(".g-"+name, "stroke:"+l.Light+";stroke-width:1.6;fill:"+stillPaper)
		case recording.Returned, recording.Failed, recording.Answered:
			rule(".g-"+name, "stroke:"+l.Light+";stroke-linecap:round;fill:none")
		}
	}
	rule(".g-cross", "stroke:"+stillPaper+";stroke-width:1.4;fill:none")
	rule(".g-hole", "stroke:"+stillPaper+";stroke-linecap:round")
	rule(".g-cut", "fill:"+stillPaper)
	return b.String()
}()
