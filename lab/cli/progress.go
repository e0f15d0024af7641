package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"era/lab"
	"era/lab/visible"
)

// progress is one line on a terminal that is written again and again. In a pipe it writes only messages without which
// it would seem to hang.
type progress struct {
	w       io.Writer
	plain   io.Writer // for a pipe
	width   int
	servers []string
}

func newProgress(stderr io.Writer) *progress {
	p := &progress{w: io.Discard, plain: stderr}
	if f, isFile := behind(stderr).(*os.File); isFile {
		if columns := terminal(f); columns > 0 {
			p.w, p.plain, p.width = f, io.Discard, columns
		}
	}
	return p
}

// behind returns the writer that the text finally goes to.
func behind(w io.Writer) io.Writer {
	if v, is := w.(visible.Writer); is {
		return v.Writer
	}
	return w
}

func (p *progress) Phase(text string) {
	p.show(text)
	if text == lab.Waiting {
		fmt.Fprintln(p.plain, text)
	}
}

// Building shows a bar of what is built.
func (p *progress) Building(b lab.Building) {
	const cells = 12
	text := b.What() + ": " + b.Far()
	if b.Of > 0 {
		done := min(cells*b.Done/(b.Of+1), cells) // linking is one step more
		text = strings.Repeat("█", done) + strings.Repeat("░", cells-done) + " " + text
	}
	p.show(text)
}

func (p *progress) Started(begun lab.Started) {
	for _, s := range begun.Servers {
		name := s.ID
		if s.Language != "go" {
			name += "/" + string(s.Language)
		}
		p.servers = append(p.servers, name)
	}
}

func (p *progress) Batch(b lab.Batch) {
	parts := []string{fmt.Sprintf("%.1f s", float64(b.Now)/1e9)}
	for i, t := range b.Tracks {
		parts = append(parts, fmt.Sprintf("%s %d of %d", p.servers[i], t.Answered, t.Sent))
	}
	p.show(strings.Join(parts, " · "))
}

func (p *progress) show(text string) {
	text = visible.Text(text)
	if p.width > 0 && utf8.RuneCountInString(text) >= p.width {
		text = string([]rune(text)[:p.width-1])
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", text)
}

func (p *progress) clear() { fmt.Fprint(p.w, "\r\x1b[K") }

// width returns how wide text for people may be.
func width(w io.Writer) int {
	if f, isFile := behind(w).(*os.File); isFile {
		if columns := terminal(f); columns > 0 {
			return max(min(columns, 120), 40)
		}
	}
	return 100
}
