package site

import "fmt"

// axis draws the clock below all panes.
func (p *picture) axis() {
	step := tick(p.length)
	fmt.Fprintf(&p.b, `<path class="axis" d="M%d %.0fH%d`, gutter, p.y, pictureWidth-8)
	for at := int64(0); at <= p.length; at += step {
		fmt.Fprintf(&p.b, "M%.0f %.0fv5", p.x(at), p.y)
	}
	p.b.WriteString(`"/>`)
	fmt.Fprintf(&p.b, `<g class="tick" transform="translate(0 %.0f)">`, p.y+18)
	for at := int64(0); at <= p.length; at += step {
		fmt.Fprintf(&p.b, `<text x="%.0f">%s</text>`, p.x(at), moment(at, step))
	}
	p.b.WriteString("</g>")
	p.y += axisHeight
}

// tick returns the distance of the marks of the clock, in ns: 1, 2 or 5 of a power of ten, four to ten of them.
func tick(length int64) int64 {
	for unit := int64(1000); ; unit *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if length/(n*unit) <= 8 {
				return n * unit
			}
		}
	}
}

func moment(at, step int64) string {
	switch {
	case at == 0:
		return "0"
	case step >= 1e9/2:
		return num(float64(at)/1e9) + " s"
	case step >= 1e6:
		return fmt.Sprintf("%d ms", at/1e6)
	}
	return fmt.Sprintf("%d µs", at/1e3)
}
