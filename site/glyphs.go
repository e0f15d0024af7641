package site

import (
	"fmt"
	"math"
	"strings"

	"era/lab/recording"
)

// glyph draws a moment.
func (p *picture) glyph(s recording.State, x, height float64, d drawing) {
	middle, r := p.y+height/2, max(1.2, min(height/2, 4))
	switch s.Look().Glyph {
	case recording.Tick:
		d.add(glyphs, s, 0, "M%.0f %sv%s", x, num(p.y+1), num(height-2))
	case recording.Check, recording.Ring: // a dot: the cap of a line without length
		d.add(glyphs, s, max(2.4, min(height, 8)), "M%.0f %sh0", x, num(middle))
	case recording.Barred:
		r *= 0.85
		d.add(glyphs, s, 0, "M%.0f %sa%s %s 0 1 0 %s 0 %s %s 0 1 0-%s 0M%.0f %sl%s-%s", x-r, num(middle), num(r), num(r), num(2*r),
			num(r), num(r), num(2*r), x-0.6*r, num(middle+0.6*r), num(1.2*r), num(1.2*r))
	case recording.Error: // a dot with a cross in it
		d.add(glyphs, s, 2*r+2, "M%.0f %sh0", x, num(middle))
		d.add(crosses, s, 0, "M%.0f %sl4 4m0-4l-4 4", x-2, num(middle-2))
	default:
		w := math.Round(2 * r)
		d.add(glyphs, s, 0, "M%.0f %sl%.0f %.0fm0-%.0fl-%.0f %.0f", x-r, num(middle-r), w, w, w, w, w)
	}
}

// num formats a number with one decimal at most.
func num(x float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
}
