// Command tested runs go test with the given arguments and shows what go test shows. At the end it says how to run each
// failed test alone, and which packages took more than half of the time that -timeout allows.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("tested: ")
	args := os.Args[1:]
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	r := newReport(os.Stdout, args)
	if err := r.read(out); err != nil {
		log.Fatalf("reading the output of go test: %v", err)
	}
	status := cmd.Wait()
	r.end()
	if exit := (*exec.ExitError)(nil); errors.As(status, &exit) {
		os.Exit(max(1, exit.ExitCode())) // -1 if a signal ended it
	} else if status != nil {
		log.Fatal(status)
	}
}

// event is a line of go test -json: see go doc test2json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // seconds
}

// report keeps the output of a package until the package is done: only then is it known which of it is worth showing.
type report struct {
	w     io.Writer
	again string        // how the command that runs a test alone begins
	limit time.Duration // of a package; 0 for no limit
	all   map[string]*pkg
	// Printed at the end:
	failed []string // how to run each test that failed alone
	slow   []string // what took more than half of the limit
}

type pkg struct {
	lines []event
	state map[string]string // of each test: run, pass, fail, skip
	tests []string          // in the order in which they began
}

func newReport(w io.Writer, args []string) *report {
	r := &report{w: w, again: "go test", all: map[string]*pkg{}}
	for i, arg := range args {
		switch {
		case arg == "-race":
			r.again += " -race"
		case arg == "-timeout" && i+1 < len(args):
			r.limit, _ = time.ParseDuration(args[i+1]) // go test reports a bad value
		}
	}
	return r
}

func (r *report) read(from io.Reader) error {
	for lines := json.NewDecoder(from); ; {
		var e event
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		r.take(e)
	}
}

func (r *report) take(e event) {
	p := r.all[e.Package]
	if p == nil {
		p = &pkg{state: map[string]string{}}
		r.all[e.Package] = p
	}
	switch {
	case e.Action == "build-output": // it is not part of a package's run
		fmt.Fprint(r.w, e.Output)
	case e.Action == "output":
		p.lines = append(p.lines, e)
	case e.Test != "" && slices.Contains([]string{"run", "pass", "fail", "skip"}, e.Action):
		if e.Action == "run" {
			p.tests = append(p.tests, e.Test)
		}
		p.state[e.Test] = e.Action
	case slices.Contains([]string{"pass", "fail", "skip"}, e.Action):
		r.done(e, p)
	}
}

// done shows a package: its last line if it passed, otherwise also its output outside of tests, and the tests that
// failed.
func (r *report) done(e event, p *pkg) {
	for i, line := range p.lines {
		switch {
		case i == len(p.lines)-1, e.Action == "fail" && p.failed(line.Test) && !progress.MatchString(line.Output):
			fmt.Fprint(r.w, line.Output)
		}
	}
	for i, test := range p.tests {
		inner := slices.ContainsFunc(p.tests[i+1:],
			func(other string) bool { return strings.HasPrefix(other, test+"/") && p.failed(other) })
		if e.Action == "fail" && p.failed(test) && !inner {
			r.failed = append(r.failed, fmt.Sprintf("%s .%s -run '%s' -count 1", r.again, strings.TrimPrefix(e.Package, "era"),
				pattern(test)))
		}
	}
	if took := time.Duration(e.Elapsed * float64(time.Second)); r.limit > 0 && took > r.limit/2 {
		r.slow = append(r.slow, fmt.Sprintf("%s took %v: more than half of the %v that -timeout allows",
			e.Package, took.Round(time.Second), r.limit))
	}
	delete(r.all, e.Package)
}

// progress is what go test prints only with -v.
var progress = regexp.MustCompile(`^(=== (RUN|PAUSE|CONT|NAME) |\s*--- (PASS|SKIP): )`)

// failed reports whether a test failed, or never ended because the program did. Output outside of tests counts as
// failed with its package.
func (p *pkg) failed(test string) bool {
	return test == "" || p.state[test] == "fail" || p.state[test] == "run"
}

// pattern matches only this test: go test takes an expression for each level of subtests.
func pattern(test string) string {
	levels := strings.Split(test, "/")
	for i, level := range levels {
		levels[i] = "^" + regexp.QuoteMeta(level) + "$"
	}
	return strings.ReplaceAll(strings.Join(levels, "/"), "'", `'\''`)
}

func (r *report) end() {
	if len(r.failed) > 0 {
		fmt.Fprintf(r.w, "\nto run alone what failed:\n%s\n", strings.Join(r.failed, "\n"))
	}
	if len(r.slow) > 0 {
		fmt.Fprintf(r.w, "\n%s\n", strings.Join(r.slow, "\n"))
	}
}
