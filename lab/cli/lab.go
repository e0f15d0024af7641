// Package cli is the lab on the command line: the sub-commands lab, servers, record and backend of serve. Each takes
// its arguments and its outputs, and returns the exit status: 0, 1 for a failure, 2 for wrong arguments, 130 when it
// was interrupted.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"era/catalogue"
	"era/lab"
	"era/lab/chrome"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/story"
	"era/lab/verdict"
)

// Exit statuses.
const (
	ok          = 0
	failed      = 1
	misused     = 2
	interrupted = 130
)

// Lab runs one experiment, or lists the scenarios.
func Lab(ctx context.Context, l *lab.Lab, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve lab", flag.ContinueOnError)
	flags.SetOutput(stderr)
	servers := flags.String("servers", "", "`names` of the servers, with commas: id, or id/language (default those that the scenario is meant for)")
	name := flags.String("scenario", "one-slow", "`name` of the scenario; see -list")
	seed := flags.Uint64("seed", 1, "`number` of the random generator: the same seed sends the same traffic")
	asJSON := flags.Bool("json", false, "print the result as JSON")
	traceFile := flags.String("trace", "", "write Chrome trace-event JSON, which Perfetto opens, to this `file`")
	list := flags.Bool("list", false, "list the scenarios and their knobs")
	texts := map[string]string{}
	flags.Func("set", "turn a knob of the scenario: `knob=value`; may be repeated", func(text string) error {
		key, value, found := strings.Cut(text, "=")
		if !found {
			return errors.New("want knob=value")
		}
		texts[key] = value
		return nil
	})
	if status, done := Parse(flags, args); done {
		return status
	}
	if *list {
		return Report(stderr, listScenarios(stdout, *asJSON))
	}
	e, err := experiment(*servers, *name, texts, *seed)
	if err != nil {
		fmt.Fprintf(stderr, "serve lab: %v\n", err)
		return misused
	}
	if *servers == "" {
		var here []catalogue.Variant // servers that were not named must not require an installation
		for _, v := range e.Servers {
			if err := l.Builder.Available(v); err != nil {
				fmt.Fprintf(stderr, "without %s: %v\n", v, err)
			} else {
				here = append(here, v)
			}
		}
		if len(here) > 0 {
			e.Servers = here
		}
	}
	if err := writable(*traceFile); err != nil { // before a run that takes minutes
		return Report(stderr, err)
	}
	line := newProgress(stderr)
	r, err := l.Run(ctx, e, line)
	line.clear()
	if err == nil {
		err = output(r, *asJSON, *traceFile, stdout, stderr)
	}
	return Report(stderr, err)
}

// Parse reads the flags of a command that takes no arguments; done means that there is nothing more to do.
func Parse(flags *flag.FlagSet, args []string) (status int, done bool) {
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return ok, true
	case err != nil:
		return misused, true
	case flags.NArg() > 0:
		fmt.Fprintf(flags.Output(), "%s: unexpected argument %q: there are only flags, see -h\n", flags.Name(), flags.Arg(0))
		return misused, true
	}
	return ok, false
}

// Report prints an error, if there is one, and returns the exit status.
func Report(stderr io.Writer, err error) int {
	switch {
	case err == nil:
		return ok
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "stopped")
		return interrupted
	}
	fmt.Fprintf(stderr, "serve: %v\n", err)
	return failed
}

// experiment builds the experiment that the flags describe.
func experiment(servers, name string, texts map[string]string, seed uint64) (e scenario.Experiment, err error) {
	e.Seed = seed
	if e.Scenario, err = scenario.Find(name); err != nil {
		return e, err
	}
	if e.Settings, err = e.Scenario.Parse(texts); err != nil {
		return e, err
	}
	names := e.Scenario.Servers
	if servers != "" {
		names = strings.Split(servers, ",")
	} else if names == nil {
		names = []string{"blocking", "select"}
	}
	for _, s := range names {
		v, err := catalogue.Find(strings.TrimSpace(s))
		if err != nil {
			return e, err
		}
		e.Servers = append(e.Servers, v)
	}
	return e, nil
}

func output(r *recording.Recording, asJSON bool, traceFile string, stdout, stderr io.Writer) error {
	if traceFile != "" {
		if err := writeTrace(traceFile, r); err != nil {
			return err
		}
	}
	if asJSON {
		return printJSON(stdout, struct {
			verdict.Result
			Moments []story.Moment `json:"moments"`
		}{verdict.On(r.Result), story.Of(r)})
	}
	if err := table(stdout, r, width(stdout)); err != nil {
		return err
	}
	if traceFile != "" {
		fmt.Fprintf(stderr, "\n%s opens in https://ui.perfetto.dev\n", traceFile)
	}
	return nil
}

// writable reports whether the file can be written. It changes nothing: the output of an earlier run stays until this
// one is over. An empty name is fine.
func writable(name string) error {
	if name == "" {
		return nil
	}
	_, before := os.Stat(name)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	err = f.Close()
	if errors.Is(before, os.ErrNotExist) {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

func writeTrace(name string, r *recording.Recording) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(chrome.Write(f, r), f.Close())
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func listScenarios(w io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(w, scenario.All)
	}
	for i, s := range scenario.All {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %s\n", s.Name, s.Title)
		wrap(w, s.Expect, "  ", width(w))
		if s.Servers != nil {
			wrap(w, "made for: "+strings.Join(s.Servers, ", "), "  ", width(w))
		}
		var rows [][]string
		for _, k := range s.Knobs {
			rows = append(rows, []string{"  " + k.Name, k.Text(k.Default), k.Text(k.Min) + " to " + k.Text(k.Max), k.Label})
		}
		if err := columns(w, rows, "lrll"); err != nil {
			return err
		}
	}
	return nil
}
