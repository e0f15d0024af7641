package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/story"
	results "era/lab/table"
	"era/lab/verdict"
	"era/lab/words"
)

// table prints the result as text: the experiment, a table of all servers, a verdict on each, and the story of the run.
func table(w io.Writer, r *recording.Recording, width int) error {
	sc, err := scenario.Find(r.Result.Scenario)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\n", sc.Title)
	var settings []string
	for _, k := range sc.Knobs {
		settings = append(settings, k.Name+" "+r.Result.Settings[k.Name])
	}
	fmt.Fprintf(w, "%s · seed %d · traffic %.12s\n\n", strings.Join(settings, ", "), r.Result.Seed, r.Result.Traffic)

	t := results.Of(sc.Groups, r.Result)
	top, head := []string{""}, []string{"server"}
	for i, c := range t.Columns {
		group := c.Group
		if i > 0 && group == t.Columns[i-1].Group {
			group = "" // its title once for all of its columns
		}
		top, head = append(top, group), append(head, c.Name)
	}
	rows := [][]string{append(top, ""), append(head, "ready in")}
	for i, s := range r.Result.Servers {
		rows = append(rows, append(append([]string{name(s)}, t.Rows[i]...), words.Millis(s.ReadyMS)))
	}
	if err := columns(w, rows, "l"+strings.Repeat("r", len(t.Columns)+1)); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, s := range r.Result.Servers {
		wrap(w, verdict.Called(name(s), r.Result, s), "", width)
		for _, line := range hints(s) {
			wrap(w, line, "  ", width)
		}
	}
	moments := story.Called(name, r)
	if len(moments) > 0 {
		fmt.Fprintln(w)
	}
	for _, m := range moments {
		var where []string
		for _, i := range m.Servers() {
			where = append(where, name(r.Result.Servers[i]))
		}
		wrap(w, fmt.Sprintf("%s · %s: %s", words.Millis(float64(m.At)/1e6), words.And(where), m.Words), "", width)
	}
	if busy := verdict.Busy(r.Result.Load); busy != "" {
		fmt.Fprintln(w)
		wrap(w, busy, "", width)
	}
	return nil
}

// hints say what the numbers do not show.
func hints(s recording.Server) []string {
	var lines []string
	if s.Traced.Why != "" {
		lines = append(lines, "The calls of "+name(s)+" were not seen: "+s.Traced.Why+".")
	}
	if s.Events.Dropped > 0 && s.Traced.Seen() {
		lines = append(lines, fmt.Sprintf("Events of %s that are not in the picture: %s. The counts of calls are "+
			"exact nevertheless.", name(s), words.Number(s.Events.Dropped)))
	}
	return lines
}

func name(s recording.Server) string {
	if s.Language == "go" {
		return s.ID
	}
	return s.ID + "/" + s.Language
}

// columns prints rows with their cells below each other; align has an l or an r for each column.
func columns(w io.Writer, rows [][]string, align string) error {
	widths := make([]int, len(align))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if align[i] == 'r' {
				line.WriteString(space + cell)
			} else {
				line.WriteString(cell + space)
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// wrap prints text in lines of at most width, all indented, the later ones by two more.
func wrap(w io.Writer, text, indent string, width int) {
	line := indent
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			fmt.Fprintln(w, line)
			line = indent + "  " + word
		default:
			line += " " + word
		}
	}
	fmt.Fprintln(w, line)
}
