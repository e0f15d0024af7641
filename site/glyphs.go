package site

import (
	"fmt"
	"strings"

	"era/lab/recording"
)

// glyph tells that marks of the state are moments, unless they took long enough to be seen.
func glyph(s recording.State) bool {
	switch s {
	case recording.Called, recording.Again, recording.Failed, recording.Answered, recording.Returned, recording.Cancelled:
		return true
	}
	return false
}

func (p *picture) glyph(s recording.State, x, height float64, glyphs map[recording.State]*strings.Builder) {
	middle, r := p.y+height/2, max(1.2, min(height/2, 4))
	switch {
	case s == recording.Called:
		into(glyphs, s, "M%.0f %sv%s", x, num(p.y+1), num(height-2))
	case s == recording.Answered:
		into(glyphs, s, "M%.0f %sh0", x, num(middle)) // a dot: the cap of a line without length
	case s == recording.Returned || s == recording.Cancelled:
		r *= 0.85
		into(glyphs, s, "M%s %sa%s %s 0 1 1 %s 0a%s %s 0 1 1-%s 0", num(x-r), num(middle), num(r), num(r), num(2*r), num(r), num(r), num(2*r))
		if s == recording.Cancelled {
			into(glyphs, s, "M%s %sl%s-%s", num(x-0.6*r), num(middle+0.6*r), num(1.2*r), num(1.2*r))
		}
	default:
		into(glyphs, s, "M%s %sl%s %sm0-%sl-%s %s", num(x-r), num(middle-r), num(2*r), num(2*r), num(2*r), num(2*r), num(2*r))
	}
}

// dotSize is the width of the line whose caps are the dots of a state.
func dotSize(s recording.State, height float64) string {
	if s != recording.Answered {
		return ""
	}
	return fmt.Sprintf(` stroke-width="%s"`, num(max(2.4, min(height, 8))))
}

// stepSize is the width of the dashed line that is many steps of a task.
func stepSize(s recording.State, height float64) string {
	if s != recording.Running {
		return ""
	}
	return fmt.Sprintf(` stroke-width="%s"`, num(height))
}

func into(paths map[recording.State]*strings.Builder, s recording.State, format string, args ...any) {
	if paths[s] == nil {
		paths[s] = new(strings.Builder)
	}
	fmt.Fprintf(paths[s], format, args...)
}

// num writes a number with one decimal at most.
func num(x float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
}
