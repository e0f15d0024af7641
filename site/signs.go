package site

import (
	"cmp"
	"fmt"
	"html"
	"io/fs"
	"slices"
	"strings"

	"era/chapters"
	"era/lab/recording"
)

// signs are what a reader must know to read the pictures of a chapter.
type signs struct {
	Kinds []recording.Kind    // of lanes, that no chapter before it has
	New   []recording.Look    // states, the same
	Known []*chapters.Chapter // that have taught its other states
}

// signs returns those of the view's chapter, in the order of the legend.
func (v *view) signs() (signs, error) {
	before := map[string]*chapters.Chapter{}
	for _, c := range v.e.book.Chapters {
		here := map[string]bool{}
		for _, lab := range c.Labs() {
			if err := v.e.signsIn(lab, here); err != nil {
				return signs{}, err
			}
		}
		if v.chapter != nil && c.Slug == v.chapter.Slug {
			return newSigns(here, before), nil
		}
		for name := range here {
			before[name] = cmp.Or(before[name], c)
		}
	}
	return signs{}, nil
}

// newSigns returns the signs of a chapter, and who has taught what before.
func newSigns(here map[string]bool, before map[string]*chapters.Chapter) (s signs) {
	for _, k := range recording.Kinds {
		if here[k.Name] && before[k.Name] == nil {
			s.Kinds = append(s.Kinds, k)
		}
	}
	for _, l := range recording.Looks {
		switch c := before[string(l.State)]; {
		case !here[string(l.State)]:
		case c == nil:
			s.New = append(s.New, l)
		case !slices.Contains(s.Known, c):
			s.Known = append(s.Known, c)
		}
	}
	return s
}

// signsIn adds the signs of a lab's recorded run, if there is one. They are kept from one edition to the next.
func (e *edition) signsIn(lab *chapters.Lab, all map[string]bool) error {
	info, err := fs.Stat(e.root, lab.Recording())
	if err != nil {
		return nil // an honest empty state says so
	}
	key := fmt.Sprint(lab.Recording(), info.Size(), info.ModTime())
	found, known := e.signs.Load(key)
	if !known {
		data, err := fs.ReadFile(e.root, lab.Recording())
		if err != nil {
			return err
		}
		if found, err = recording.SignsIn(data); err != nil {
			return fmt.Errorf("%s: %w", lab.Recording(), err)
		}
		e.signs.Store(key, found)
	}
	for name := range found.(map[string]bool) {
		all[name] = true
	}
	return nil
}

const (
	signWidth  = 84.0
	signHeight = 18.0
	signLabel  = 22.0 // the numbers below a lane
	momentRoom = 30.0
)

// signLane draws a lane on which the given signs follow each other, numbered from first.
func signLane(name string, looks []recording.Look, first int) string {
	p, d := &picture{y: 2}, drawing{}
	var numbers strings.Builder
	x := 70.0
	for i, l := range looks {
		width := signWidth
		switch {
		case l.State.Moment():
			width = momentRoom
			p.glyph(l.State, x+width/2, signHeight, d)
		case l.State == recording.Parked:
			d.add(rests, l.State, 0, "M%.0f %sh%.0f", x, num(p.y+signHeight/2), width)
		default:
			d.add(bands, l.State, 0, "M%.0f %sh%.0fv%sh-%.0fz", x, num(p.y), width, num(signHeight), width)
		}
		fmt.Fprintf(&numbers, `<text x="%.0f" y="%.0f">%d</text>`, x+width/2, p.y+signHeight+15, first+i)
		x += width + 2
	}
	d.write(p)
	height := p.y + signHeight + signLabel
	return fmt.Sprintf(`<svg class="lanes sign-lane" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" aria-hidden="true">`+
		`<g class="lane-name"><text x="62" y="%.0f">%s</text></g>%s<g class="tick">%s</g></svg>`,
		x, height, x, height, p.y+signHeight/2+4, html.EscapeString(name), p.b.String(), numbers.String())
}

// lanes draws the new signs: on the server's lane what it does, on a client's what that sees.
func (s signs) lanes(v *view) string {
	server, client := s.sides()
	var svg strings.Builder
	if len(server) > 0 {
		svg.WriteString(signLane(v.say("server"), server, 1))
	}
	if len(client) > 0 {
		svg.WriteString(signLane(v.say("client"), client, 1+len(server)))
	}
	return svg.String()
}

func (s signs) sides() (server, client []recording.Look) {
	for _, l := range s.New {
		if l.Client {
			client = append(client, l)
		} else {
			server = append(server, l)
		}
	}
	return server, client
}

// ordered are the new signs in the order of their numbers.
func (s signs) ordered() []recording.Look {
	server, client := s.sides()
	return append(server, client...)
}
