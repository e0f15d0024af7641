// Command serve serves the book and its lab, and does from the terminal what the page does in the browser.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"era/catalogue"
	"era/lab/cli"
	"era/lab/process"
	"era/lab/visible"
)

const usage = `The Era of Asynchrony: a book about network servers that you can run.

usage: go run ./cmd/serve [COMMAND] [FLAGS]

  serve     serve the book and the lab on http://127.0.0.1:8492/ (also without COMMAND)
  lab       run one experiment in the terminal
  matrix    run every application on every server, and compare their answers
  servers   list the servers, and which of them this machine can run
  record    make the recorded runs of the book again
  build     write the book as a static site, or as an e-book
  simulate  run one server on a simulated kernel, choice by choice
  backend   run the backend that /ask asks, on 127.0.0.1:8081, for servers that you start yourself
  translations  list what translators of the book have to do
  doctor    tell what this machine can run, what is missing, and how to get it

serve COMMAND -h shows the flags of a command. To begin:

  go run ./cmd/serve
  go run ./cmd/serve lab -servers blocking,select -scenario one-slow
`

// A command gets its arguments and returns the exit status: 0, 1 for a failure, 2 for wrong arguments.
type command func(ctx context.Context, args []string, stdout, stderr io.Writer) int

var commands = map[string]command{
	"serve":    serve,
	"lab":      runLab,
	"matrix":   runMatrix,
	"servers":  servers,
	"record":   record,
	"build":    build,
	"backend":  cli.Backend,
	"simulate": simulate,
	"doctor":   doctor,

	"translations": translations,
}

func main() {
	process.MaybeSupervise()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	// The output of servers, tools and recordings must not act on the terminal.
	stdout, stderr := visible.Writer{Writer: os.Stdout}, visible.Writer{Writer: os.Stderr}
	if err := catalogue.Load(); err != nil {
		fmt.Fprintln(stderr, "serve:", err)
		os.Exit(1)
	}
	os.Exit(run(ctx, os.Args[1:], stdout, stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || len(args[0]) > 0 && args[0][0] == '-' && !isHelp(args[0]) {
		return serve(ctx, args, stdout, stderr)
	}
	if isHelp(args[0]) {
		fmt.Fprint(stdout, usage)
		if len(args) == 1 {
			fmt.Fprint(stdout, "\n")
			serve(ctx, []string{"-h"}, stdout, stdout)
		}
		return 0
	}
	if c := commands[args[0]]; c != nil {
		return c(ctx, args[1:], stdout, stderr)
	}
	fmt.Fprintf(stderr, "serve: no command %q\n\n%s", args[0], usage)
	return 2
}

func isHelp(arg string) bool {
	return arg == "help" || arg == "-h" || arg == "-help" || arg == "--help"
}
