package site

import (
	"cmp"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"

	"era/lab/recording"
)

// The picture of the book is drawn without a font: its letters are made of short lanes, as what is below them.

// letters are the rows of each capital, from the top down, as five bits.
var letters = map[rune][7]byte{
	'A': {0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11}, 'B': {0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e},
	'C': {0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e}, 'D': {0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e},
	'E': {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f}, 'F': {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10},
	'G': {0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f}, 'H': {0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11},
	'I': {0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e}, 'J': {0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c},
	'K': {0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11}, 'L': {0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f},
	'M': {0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11}, 'N': {0x11, 0x19, 0x19, 0x15, 0x13, 0x13, 0x11},
	'O': {0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e}, 'P': {0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10},
	'Q': {0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d}, 'R': {0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11},
	'S': {0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e}, 'T': {0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04},
	'U': {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e}, 'V': {0x11, 0x11, 0x11, 0x11, 0x11, 0x0a, 0x04},
	'W': {0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11}, 'X': {0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11},
	'Y': {0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04}, 'Z': {0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f},
}

const (
	letterWide = 6 // with the space after it
	letterHigh = 7
	lineHigh   = 10 // with the space below it

	posterPaper = "#15171a"
	posterInk   = "#e8e4da"
)

// canvas is a picture of which areas are filled with one of its few colours.
type canvas struct{ *image.Paletted }

func newCanvas(width, height int) canvas {
	colours := color.Palette{colourOf(posterPaper), colourOf(posterInk)}
	for _, l := range recording.Looks {
		colours = append(colours, colourOf(onDark(l)))
	}
	return canvas{image.NewPaletted(image.Rect(0, 0, width, height), colours)}
}

func (c canvas) fill(x, y, width, height float64, with string) {
	at := func(f float64) int { return int(math.Round(f)) }
	area := image.Rect(at(x), at(y), max(at(x)+1, at(x+width)), max(at(y)+1, at(y+height))).Intersect(c.Rect)
	index := uint8(c.Palette.Index(colourOf(with)))
	for row := area.Min.Y; row < area.Max.Y; row++ {
		line := c.Pix[row*c.Stride+area.Min.X : row*c.Stride+area.Max.X]
		for i := range line {
			line[i] = index
		}
	}
}

func onDark(l recording.Look) string { return cmp.Or(l.Dark, l.Light) }

// poster writes a PNG with the title above the lanes of a recorded run, if there is one.
func poster(w io.Writer, rec *recording.Recording, title string, width, height int) error {
	c := newCanvas(width, height)
	margin := float64(min(width, height)) / 12
	lines, longest := inLines(strings.ToUpper(title), 10)
	unit := (float64(width) - 2*margin) / float64(longest*letterWide-1)
	unit = min(unit, (float64(height)-2*margin)/2/float64(len(lines)*lineHigh))
	for i, line := range lines {
		for j, r := range []rune(line) {
			c.letter(margin+float64(j*letterWide)*unit, margin+float64(i*lineHigh)*unit, unit, letters[r])
		}
	}
	top := margin + float64(len(lines)*lineHigh)*unit + margin/2
	if rec != nil {
		c.run(rec, margin, top, float64(width)-2*margin, float64(height)-margin-top)
	}
	return png.Encode(w, c)
}

// inLines breaks a text into lines of the given number of letters, or as many as its longest word has.
func inLines(text string, most int) (lines []string, longest int) {
	words := strings.Fields(text)
	for _, word := range words {
		most = max(most, len([]rune(word)))
	}
	for _, word := range words {
		if last := len(lines) - 1; last >= 0 && len([]rune(lines[last]+" "+word)) <= most {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	for _, line := range lines {
		longest = max(longest, len([]rune(line)))
	}
	return lines, max(longest, 1)
}

func (c canvas) letter(x, y, unit float64, rows [7]byte) {
	for row, bits := range rows {
		for column := 0; column < 5; column++ {
			from := column
			for column < 5 && bits&(0x10>>column) != 0 {
				column++
			}
			if column > from {
				c.fill(x+float64(from)*unit, y+float64(row)*unit, float64(column-from)*unit, unit*0.7, posterInk)
			}
		}
	}
}

// run draws the lanes of all servers, one below the other.
func (c canvas) run(rec *recording.Recording, left, top, width, height float64) {
	lanes, length := 0, max(rec.Length, 1)
	for _, t := range rec.Tracks {
		lanes += len(t.Lanes)
		for _, m := range t.Marks {
			length = max(length, m.At+m.Took)
		}
	}
	if lanes == 0 {
		return
	}
	const between = 3 // lanes that would have room between two servers
	step := height / float64(lanes+between*(len(rec.Tracks)-1))
	for _, t := range rec.Tracks {
		for _, m := range t.Marks {
			look := m.State.Look()
			x, wide := left+float64(m.At)/float64(length)*width, float64(m.Took)/float64(length)*width
			if m.State.Moment() {
				if !look.End {
					continue
				}
				wide = max(wide, step*0.7)
				x = min(x, left+width-wide)
			}
			c.fill(x, top+float64(m.Lane)*step, wide, step*0.7, onDark(look))
		}
		top += float64(len(t.Lanes)+between) * step
	}
}

// colourOf reads "#009e73" or "#222"; what is neither is black.
func colourOf(hex string) color.RGBA {
	digits := strings.TrimPrefix(hex, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, _ := strconv.ParseUint(digits, 16, 32) // 0 is black
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}
