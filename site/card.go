package site

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"era/chapters"
	"era/lab/recording"
	"era/lab/words"
)

// A card is the picture that stands for a chapter where a link to it is shared: its title, and the lanes of one of its
// recorded runs. Such pictures must be bitmaps. The size is what most places show whole.
const (
	cardWidth  = 1200
	cardHeight = 630
	cardEdge   = 60
)

// cardPage is the address of the card of a chapter; that of the first page has no slug.
func cardPage(slug string) string { return "share/" + cmp.Or(slug, "index") + ".png" }

// card returns the picture with the title and the run of the lab.
func (e *edition) card(title string, lab *chapters.Lab) ([]byte, error) {
	rec, err := e.recorded(lab)
	if err != nil {
		return nil, err
	}
	return poster(title, rec, cardWidth, cardHeight, 52)
}

// poster is the same in any size: that of the title's letters is given as well.
func poster(title string, rec *recording.Recording, width, height int, letters float64) ([]byte, error) {
	c := &card{rec: rec, Paletted: image.NewPaletted(image.Rect(0, 0, width, height), cardColours())}
	if err := c.draw(title, letters, titles(rec)); err != nil {
		return nil, fmt.Errorf("a picture with the title %q: %w", title, err)
	}
	var b bytes.Buffer
	err := png.Encode(&b, c.Paletted)
	return b.Bytes(), err
}

// card is a picture that is drawn. Colour 0 is the paper, then come the shades of text, then two for each state: the
// second is that of its pattern.
type card struct {
	*image.Paletted
	rec    *recording.Recording
	length int64
}

var (
	cardPaper = colour("#fffdf9")
	cardInk   = colour("#222222")
	cardQuiet = colour("#5c5a55")
)

const cardShades = 12 // of each colour of text, so that its edges are smooth

// cardColours are the colours of a card, in the light theme.
var cardColours = sync.OnceValue(func() color.Palette {
	all := color.Palette{cardPaper}
	for _, text := range []color.RGBA{cardInk, cardQuiet} {
		for i := range cardShades {
			all = append(all, mixed(cardPaper, text, float64(i+1)/cardShades))
		}
	}
	for _, look := range recording.Looks {
		own := colour(look.Light)
		fill := mixed(cardPaper, own, look.Fill)
		ink := map[recording.Ink]color.RGBA{recording.Own: own, recording.Paper: cardPaper}[look.Ink]
		if ink == (color.RGBA{}) {
			ink = cardInk
		}
		all = append(all, fill, mixed(fill, ink, cmp.Or(look.Soft, 1)))
	}
	return all
})

// colour reads "#222" and "#8a2f17".
func colour(hex string) color.RGBA {
	c := color.RGBA{A: 255}
	if len(hex) == len("#222") {
		hex = fmt.Sprintf("#%c%[1]c%c%[2]c%c%[3]c", hex[1], hex[2], hex[3])
	}
	fmt.Sscanf(hex, "#%02x%02x%02x", &c.R, &c.G, &c.B) // a wrong one is black; the colours are ours
	return c
}

// mixed lies between two colours: 0 is the first, 1 the second.
func mixed(from, to color.RGBA, part float64) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-part) + float64(b)*part + 0.5) }
	return color.RGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 255}
}

func (c *card) draw(title string, letters float64, servers []string) error {
	large, err := cardFace(letters)
	if err != nil {
		return err
	}
	small, err := cardFace(25)
	if err != nil {
		return err
	}
	y := cardEdge
	for _, line := range wrapped(large, title, c.Rect.Max.X-2*cardEdge, 2) {
		y += int(letters * 0.9)
		c.write(large, cardInk, cardEdge, y, line)
		y += int(letters * 0.27)
	}
	c.length = max(c.rec.Length, 1)
	for _, t := range c.rec.Tracks {
		for _, m := range t.Marks {
			c.length = max(c.length, m.At+m.Took)
		}
	}
	bottom := c.Rect.Max.Y - cardEdge - 16
	each := (bottom - y) / len(servers)
	for i, name := range servers {
		top := y + i*each + 42
		c.write(small, cardInk, cardEdge, top-8, name)
		r := c.rec.Result.Servers[i].Requests
		score := fmt.Sprintf("%d of %d answered", r.Answered, r.Answered+r.Failed)
		c.write(small, cardQuiet, c.Rect.Max.X-cardEdge-font.MeasureString(small, score).Ceil(), top-8, score)
		c.pane(c.rec.Tracks[i], top, y+(i+1)*each-14)
	}
	last := fmt.Sprintf("%s · a recorded run of %s", bookTitle, words.Millis(float64(c.length)/1e6))
	c.write(small, cardQuiet, cardEdge, c.Rect.Max.Y-cardEdge+20, last)
	return nil
}

var cardFont = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(gomedium.TTF) })

// cardFace returns letters of a size. Two goroutines must not share them.
func cardFace(size float64) (font.Face, error) {
	f, err := cardFont()
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
}

// wrapped breaks a text between words. What does not fit into the lines is left out, and an ellipsis says so.
func wrapped(face font.Face, text string, width, most int) (lines []string) {
	fits := func(line string) bool { return font.MeasureString(face, line).Ceil() <= width }
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		switch {
		case fits(longer) || line == "":
			line = longer
		case len(lines) == most-1:
			for line != "" && !fits(line+" …") {
				line = line[:max(strings.LastIndexByte(line, ' '), 0)]
			}
			return append(lines, line+" …")
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

func (c *card) write(face font.Face, ink color.Color, x, y int, text string) {
	d := font.Drawer{Dst: c, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// pane draws the lanes of a server between two heights. Where there are more than fit, some are left out, evenly.
func (c *card) pane(t recording.Track, top, bottom int) {
	const least, gap = 5, 2 // px of a lane
	most := c.Rect.Max.Y / 24
	var lanes []int
	for _, row := range recording.Rows(t.Lanes, nil) {
		lanes = append(lanes, row.Lanes...)
	}
	if room := max((bottom-top)/(least+gap), 1); len(lanes) > room {
		for i := range room {
			lanes[i] = lanes[i*len(lanes)/room]
		}
		lanes = lanes[:room]
	}
	if len(lanes) == 0 {
		return
	}
	height := min((bottom-top)/len(lanes)-gap, most)
	byLane := make([][]recording.Mark, len(t.Lanes))
	for _, m := range t.Marks {
		if t.Lanes[m.Lane].Kind != "connection" || m.Call == "" || m.State == recording.Failed {
			byLane[m.Lane] = append(byLane[m.Lane], m) // a client's lane has what it sees, and not the server's calls
		}
	}
	for i, lane := range lanes {
		marks := byLane[lane]
		slices.SortStableFunc(marks, func(a, b recording.Mark) int { return a.State.Order() - b.State.Order() })
		y := top + i*(height+gap)
		for _, m := range marks {
			c.mark(m, y, height)
		}
	}
}

// mark draws a state as an area with its pattern, and a moment as a line; calls that took no time are left out.
func (c *card) mark(m recording.Mark, y, height int) {
	width := float64(c.Rect.Max.X - 2*cardEdge)
	x := func(at int64) int { return cardEdge + int(float64(at)/float64(c.length)*width) }
	from, to := x(m.At), x(m.At+m.Took)
	if look := m.State.Look(); m.State.Moment() && to-from < 3 {
		if !look.End {
			return
		}
		to = from + 4
	}
	fill := uint8(1 + 2*cardShades + 2*m.State.Order())
	line := onPattern(m.State)
	for py := y; py < y+height; py++ {
		for px := from; px < max(to, from+1); px++ {
			at := fill
			if line(px, py) {
				at++
			}
			c.SetColorIndex(px, py, at)
		}
	}
}

// onPattern tells which points of an area its state's pattern covers.
func onPattern(s recording.State) func(x, y int) bool {
	switch s {
	case recording.Blocked:
		return func(x, y int) bool { return (x+y)%9 < 3 }
	case recording.Waiting:
		return func(_, y int) bool { return y%5 < 2 }
	case recording.Parked:
		return func(_, y int) bool { return y%5 < 1 }
	case recording.Queued:
		return func(x, y int) bool { return x%6 < 2 && y%6 < 2 }
	case recording.Unanswered:
		return func(x, y int) bool { return (x-y+cardWidth)%9 < 1 }
	case recording.Paused:
		return func(x, y int) bool { return x%8 < 4 && y%6 < 1 }
	case recording.Backpressure:
		return func(x, _ int) bool { return x%5 < 2 }
	}
	return func(_, _ int) bool { return false }
}
