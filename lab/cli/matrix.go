package cli

import (
	"context"
	"flag"
	"fmt"
	"io"

	"era/lab"
	"era/lab/matrix"
	"era/lab/recording"
	"era/lab/words"
)

// Matrix runs every application on every server. A cell that differs from the others is a failure.
func Matrix(ctx context.Context, l *lab.Lab, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve matrix", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print the result as JSON")
	if status, done := Parse(flags, args); done {
		return status
	}
	m, err := runMatrix(ctx, l, stderr)
	if err != nil {
		return Report(stderr, err)
	}
	if *asJSON {
		err = printJSON(stdout, m)
	} else {
		err = matrixTable(stdout, m)
	}
	if err == nil {
		if same, run := m.Same(); same < run {
			err = fmt.Errorf("%d of %d cells differ from the first", run-same, run)
		}
	}
	return Report(stderr, err)
}

func runMatrix(ctx context.Context, l *lab.Lab, stderr io.Writer) (*recording.Matrix, error) {
	line, cells := newProgress(stderr), 0
	defer line.clear()
	return l.Matrix(ctx, func(matrix.Place, recording.Cell) {
		cells++
		line.show(fmt.Sprintf("applications on servers: %d cells", cells))
	})
}

// matrixTable prints the matrix as text.
func matrixTable(w io.Writer, m *recording.Matrix) error {
	for _, g := range m.Grids {
		top, head, align := []string{g.Language + ": application"}, []string{""}, "l"
		for _, s := range g.Servers {
			top, head, align = append(top, s.Title), append(head, s.Contract), align+"l"
		}
		rows := [][]string{top, head}
		for i, cells := range g.Cells {
			row := []string{g.Apps[i].Title + " (" + g.Apps[i].Contract + ")"}
			for _, c := range cells {
				row = append(row, cellText(c))
			}
			rows = append(rows, row)
		}
		if err := columns(w, rows, align); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	same, run := m.Same()
	fmt.Fprintf(w, "%d of %d cells gave the same answers: status, headers, body. b: through a bridge; bb: through two.\n", same, run)
	for _, g := range m.Grids {
		for i, cells := range g.Cells {
			for j, c := range cells {
				if c.Missing != "" {
					wrap(w, fmt.Sprintf("%s on %s was not run: %s", g.Apps[i].Title, g.Servers[j].Title, c.Missing), "  ", width(w))
				}
				for _, difference := range c.Differs {
					wrap(w, fmt.Sprintf("%s on %s: %s", g.Apps[i].Title, g.Servers[j].Title, difference), "  ", width(w))
				}
			}
		}
	}
	return nil
}

// cellText returns a few letters of the hash, the time, and the bridges.
func cellText(c recording.Cell) string {
	switch {
	case c.Missing != "":
		return "–"
	case c.SHA256 == "":
		return "failed"
	case len(c.Differs) > 0:
		return fmt.Sprintf("DIFFERS %.4s", c.SHA256)
	}
	return fmt.Sprintf("%.4s %s %.*s", c.SHA256, words.Millis(c.MS), c.Bridges, "bb")
}
