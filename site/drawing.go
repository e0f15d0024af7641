package site

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"era/lab/recording"
)

// drawing holds the paths of a pane: marks that look the same are one path.
type drawing map[look]*strings.Builder

// look is the look of a path: what it draws, of which state, and the width of its line.
type look struct {
	layer layer
	state recording.State
	width float64
}

// layer is what a path draws; later layers lie above earlier ones.
type layer int

const (
	floors  layer = iota // of the rows of folded lanes
	bands                // areas
	rests                // thin lines
	bars                 // thick lines
	steps                // thick lines, dashed
	torn                 // the edges of what was cut off
	glyphs               // moments
	crosses              // on them
)

func (d drawing) add(l layer, s recording.State, width float64, format string, args ...any) {
	key := look{l, s, width}
	if d[key] == nil {
		d[key] = new(strings.Builder)
	}
	fmt.Fprintf(d[key], format, args...)
}

// write writes the paths, the states of each layer in the order of the legend.
func (d drawing) write(p *picture) {
	looks := slices.SortedFunc(maps.Keys(d), func(a, b look) int {
		if a.layer != b.layer {
			return int(a.layer - b.layer)
		}
		if a.state != b.state {
			return a.state.Order() - b.state.Order()
		}
		return int(a.width*10 - b.width*10)
	})
	for _, l := range looks {
		p.b.WriteString(l.path(d[l].String()))
	}
}

func (l look) path(data string) string {
	switch s := l.state; {
	case l.layer == floors:
		return fmt.Sprintf(`<path class="axis fold" d="%s"/>`, data)
	case l.layer == bands:
		return fmt.Sprintf(`<path class="b-%s" fill="url(#s-%s)" d="%s"/>`, s, s, data)
	case l.layer == rests:
		return fmt.Sprintf(`<path class="t-%s" d="%s"/>`, s, data)
	case l.layer == bars:
		return fmt.Sprintf(`<path stroke="url(#s-%s)" stroke-width="%s" d="%s"/>`, s, num(l.width), data)
	case l.layer == steps:
		return fmt.Sprintf(`<path class="t-%s" stroke-width="%s" d="%s"/>`, s, num(l.width), data)
	case l.layer == torn:
		return fmt.Sprintf(`<path class="g-cut" d="%s"/>`, data)
	case s.Look().Glyph == recording.Ring: // a dot with a smaller one on it
		return fmt.Sprintf(`<path class="g-%s" stroke-width="%s" d="%s"/><path class="g-hole" stroke-width="%s" d="%s"/>`,
			s, num(l.width), data, num(l.width-3), data)
	case l.layer == crosses:
		return fmt.Sprintf(`<path class="g-cross" d="%s"/>`, data)
	case l.width != 0:
		return fmt.Sprintf(`<path class="g-%s" stroke-width="%s" d="%s"/>`, s, num(l.width), data)
	}
	return fmt.Sprintf(`<path class="g-%s" d="%s"/>`, l.state, data)
}
