package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"era/catalogue"
	"era/internal/aside"
	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/verdict"
)

// Wanted is a recorded run that the book shows: of an experiment, or of the matrix.
type Wanted struct {
	Name       string // of the block
	Path       string // of the recording's file
	Experiment scenario.Experiment
	Wrong      error // why the experiment makes no sense
	Matrix     bool  // then neither of the last two is set
}

// Record runs the book's experiments and writes their recordings.
func Record(ctx context.Context, l *lab.Lab, wanted []Wanted, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve record", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "make only the recording of this `name`")
	if status, done := Parse(flags, args); done {
		return status
	}
	var names []string
	made := 0
	for _, w := range wanted {
		names = append(names, w.Name)
		if *only != "" && *only != w.Name {
			continue
		}
		made++
		if w.Matrix {
			m, err := runMatrix(ctx, l, stderr)
			if err == nil {
				m.Sources, err = matrixSources(ctx, l, m)
			}
			if err == nil {
				err = save(w.Path, m)
			}
			if err != nil {
				return Report(stderr, fmt.Errorf("%s: %w", w.Name, err))
			}
			same, run := m.Same()
			fmt.Fprintf(stdout, "%s: %s\n  %d of %d cells gave the same answers.\n", w.Name, w.Path, same, run)
			continue
		}
		if w.Wrong != nil {
			return Report(stderr, fmt.Errorf("%s: %w", w.Name, w.Wrong))
		}
		sources, err := l.Sources(ctx, w.Experiment.Servers...)
		if err != nil {
			return Report(stderr, fmt.Errorf("%s: %w", w.Name, err))
		}
		line := newProgress(stderr)
		r, err := l.Run(ctx, w.Experiment, line)
		line.clear()
		var result recording.Result // before Keep, with the lines of the files
		if err == nil {
			result = r.Result
			sources.Keep(r, w.Experiment.Servers...)
			err = save(w.Path, r)
		}
		if err != nil {
			return Report(stderr, fmt.Errorf("%s: %w", w.Name, err))
		}
		fmt.Fprintf(stdout, "%s: %s\n", w.Name, w.Path)
		for _, s := range result.Servers {
			wrap(stdout, verdict.Called(name(s), result, s), "  ", width(stdout))
		}
		if busy := verdict.Busy(result.Load); busy != "" {
			wrap(stdout, busy, "  ", width(stdout))
		}
	}
	if made == 0 && *only != "" {
		fmt.Fprintf(stderr, "serve record: no block %q; there are: %s\n", *only, strings.Join(names, ", "))
		return misused
	}
	return ok
}

// matrixSources returns the hashes of everything that those programs of the matrix that could be run are made of.
func matrixSources(ctx context.Context, l *lab.Lab, m *recording.Matrix) (map[string]string, error) {
	var ran []catalogue.Variant
	for i, g := range catalogue.Matrix() {
		for j, row := range g.Programs {
			for k, v := range row {
				if m.Grids[i].Cells[j][k].Missing == "" {
					ran = append(ran, v)
				}
			}
		}
	}
	sources, err := l.Sources(ctx, ran...)
	return sources.Sums(ran...), err
}

// save writes the file completely or not at all. A recording that readers would refuse, because of what a server wrote,
// is not written.
func save(path string, recording interface{ Check() error }) error {
	if err := recording.Check(); err != nil {
		return fmt.Errorf("not written to %s: %w", path, err)
	}
	data, err := json.Marshal(recording)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return aside.Write(path, ".recording-*", append(data, '\n'), 0o644)
}
