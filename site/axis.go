package site

import (
	"fmt"
	"strings"

	"era/lab/words"
)

// marks of the clock, at most: the picture is scaled down on a phone.
const marks = 8

// axis draws the clock below all panes.
func (p *picture) axis() {
	length := float64(p.length)
	step := words.Step(length, marks)
	var ticks, names strings.Builder
	for at := 0.0; at <= length; at += step {
		x := p.x(int64(at))
		fmt.Fprintf(&ticks, "M%.0f %.0fv5", x, p.y)
		fmt.Fprintf(&names, `<text x="%.0f">%s</text>`, x, words.Tick(at, step))
	}
	fmt.Fprintf(&p.b, `<path class="axis" d="M%d %.0fH%d%s"/>`, gutter, p.y, pictureWidth-8, ticks.String())
	fmt.Fprintf(&p.b, `<g class="tick" transform="translate(0 %.0f)">%s</g>`, p.y+18, names.String())
	p.y += axisHeight
}
