package chapters

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is a mistake in the book, and where it is.
type Problem struct {
	File string
	Line int
	Text string
}

// String returns the form that editors jump to: FILE:LINE: TEXT.
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// Problems are all mistakes found in one pass. It is the error that Load returns.
type Problems []Problem

// Error lists the problems, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// In returns the problems of one file.
func (p Problems) In(file string) Problems {
	var in Problems
	for _, problem := range p {
		if problem.File == file {
			in = append(in, problem)
		}
	}
	return in
}

// err returns nil when there are no problems, so that callers can compare with nil.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return p
}

// Located is what a Check finds wrong on a line of its own.
type Located struct {
	Line int
	Err  error
}

func (l Located) Error() string { return l.Err.Error() }

func (p *Problems) add(file string, line int, format string, args ...any) {
	*p = append(*p, Problem{file, line, fmt.Sprintf(format, args...)})
}
