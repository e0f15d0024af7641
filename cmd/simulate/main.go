// Command simulate runs one server on the simulated kernel, choice by choice. serve simulate starts it: the interpreter
// of WebAssembly that it contains is no part of serve, whose first start would take longer with it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"

	"era/lab/cli"
	"era/lab/simulated"
	"era/lab/simulated/script"
	"era/runnable/kit/kernel/simulation"
)

// simulatedRun is what a run on the simulated kernel tells. Its clock is no measurement, so there are no times.
type simulatedRun struct {
	Server   string             `json:"server"`
	Scenario string             `json:"scenario"`
	Property string             `json:"property,omitempty"` // that the last choice breaches
	Seed     *uint64            `json:"seed,omitempty"`     // of the schedule that showed it
	Choices  string             `json:"choices"`
	Steps    []simulated.Step   `json:"steps"`
	Clients  []simulated.Client `json:"clients"`
	Output   string             `json:"output"` // what the program has printed
	Over     string             `json:"over,omitempty"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(simulate(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// simulate runs one server on the simulated kernel. It returns 1 if a search finds nothing.
func simulate(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve simulate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	server := flags.String("server", "", "the `name` of the server")
	name := flags.String("scenario", "mixed", "the `name` of the scenario")
	seed := flags.Uint64("seed", 0, "take random choices, with faults, by this `number`")
	list := flags.String("choices", "", "take these choices, with spaces or dots between: 't1 c1 a3'")
	search := flags.String("search", "", "look for the shortest run that breaches a `property`")
	many := flags.Int("schedules", 1000, "how many schedules a search tries")
	asJSON := flags.Bool("json", false, "print JSON")
	names := flags.Bool("list", false, "list servers, scenarios and properties")
	if status, done := cli.Parse(flags, args); done {
		return status
	}
	if *names {
		fmt.Fprintf(stdout, "servers     %s\nscenarios   %s\nproperties %s\n", strings.Join(script.Servers(), " "),
			strings.Join(script.Scenarios(), " "), strings.Join(simulation.Properties[:], " "))
		return 0
	}
	ways := 0
	flags.Visit(func(f *flag.Flag) {
		if f.Name == "seed" || f.Name == "choices" || f.Name == "search" {
			ways++
		}
	})
	property, err := simulated.ParseProperty(*search)
	folder, own, wrong := simulated.Server(*server)
	text, none := script.Script(*name)
	for _, err := range []error{wrong, none, err} {
		if err != nil {
			fmt.Fprintln(stderr, "serve simulate:", err)
			return 2
		}
	}
	if ways > 1 {
		fmt.Fprintln(stderr, "serve simulate: want one of -seed, -choices and -search")
		return 2
	}
	i, err := module(ctx, folder, text, append(own, script.Args()...))
	if err != nil {
		return cli.Report(stderr, err)
	}
	run := simulatedRun{Server: *server, Scenario: *name, Choices: strings.ReplaceAll(*list, ".", " ")}
	begin := i.Snapshot()
	switch {
	case *search != "":
		found, ok := i.Search(begin, property, *many)
		if !ok {
			fmt.Fprintf(stderr, "serve simulate: no run of %d is %s\n", *many, *search)
			return 1
		}
		run.Property, run.Seed, run.Choices = *search, &found.Seed, found.List
	case *list == "":
		i.Schedule(begin, *seed, property)
		run.Choices = i.Taken()
	}
	i.Restore(begin)
	run.Steps, err = i.Steps(run.Choices)
	run.Clients, run.Output, run.Over = i.Clients(), i.Output(), i.Over()
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		e.Encode(run)
	} else {
		run.print(stdout)
	}
	return cli.Report(stderr, err)
}

// module builds a server and starts it.
func module(ctx context.Context, folder, text string, args []string) (*simulated.Instance, error) {
	root, err := os.Getwd() // of the repository
	if err != nil {
		return nil, err
	}
	code, err := simulated.Build(ctx, root, "runnable/"+folder)
	if err != nil {
		return nil, err
	}
	p, err := simulated.Load(ctx, code)
	if err != nil {
		return nil, err
	}
	return p.Start(ctx, text, args...)
}

func (r simulatedRun) print(out io.Writer) {
	fmt.Fprintf(out, "%s, %s, on the simulated kernel: its clock is not a measurement\n\n", r.Server, r.Scenario)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for n, s := range r.Steps {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", n+1, s.Take, s.Said, s.Site)
	}
	w.Flush()
	fmt.Fprintln(out)
	for _, c := range r.Clients {
		fmt.Fprintf(w, "%s\t%d of %d replies\t%s\n", c.Name, c.Answered, c.Want, c.Failed)
	}
	w.Flush()
	if r.Over != "" {
		fmt.Fprintf(out, "the program has ended: %s\n", r.Over)
	}
	if r.Property != "" {
		fmt.Fprintf(out, "breached: %s; the same run again:\n  go run ./cmd/serve simulate -server %s -scenario %s -choices '%s'\n",
			r.Property, r.Server, r.Scenario, r.Choices)
	}
}
