package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime/debug"

	"era/chapters"
	"era/lab"
	"era/lab/cli"
	"era/lab/process"
	"era/site"
)

// workshop is what most commands need.
type workshop struct {
	root    string
	files   fs.FS // below it
	builder *process.Builder
	lab     *lab.Lab
}

// newWorkshop opens the repository. On failure it returns nil and an exit status.
func newWorkshop(stderr io.Writer) (*workshop, int) {
	root, err := findRoot()
	if err != nil {
		return nil, cli.Report(stderr, err)
	}
	files, err := filesOf(root)
	if err != nil {
		return nil, cli.Report(stderr, err)
	}
	builder := process.NewBuilder(root, "")
	return &workshop{root: root, files: files, builder: builder, lab: lab.New(lab.Options{Root: root, Builder: builder})},
		0
}

func runLab(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	w, status := newWorkshop(stderr)
	if w == nil {
		return status
	}
	sweep(stderr)
	return cli.Lab(ctx, w.lab, args, stdout, stderr)
}

func runMatrix(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	w, status := newWorkshop(stderr)
	if w == nil {
		return status
	}
	sweep(stderr)
	return cli.Matrix(ctx, w.lab, args, stdout, stderr)
}

func servers(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	w, status := newWorkshop(stderr)
	if w == nil {
		return status
	}
	return cli.Servers(ctx, w.lab, args, stdout, stderr)
}

// record passes the book's lab blocks and matrices to the lab, which does not read Markdown.
func record(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	w, status := newWorkshop(stderr)
	if w == nil {
		return status
	}
	book, err := chapters.Load(w.files, site.CheckLab)
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err) // mistakes elsewhere in the book do not keep a run from being recorded
	}
	if book == nil {
		return 1
	}
	var wanted []cli.Wanted
	for _, l := range book.Labs() {
		e, wrong := site.Resolve(l)
		wanted = append(wanted, cli.Wanted{
			Name: l.Name, Path: filepath.Join(w.root, filepath.FromSlash(l.Recording())),
			Experiment: e, Wrong: errors.Join(wrong...),
		})
	}
	for _, m := range book.Matrices() {
		wanted = append(wanted, cli.Wanted{Name: m.Name, Path: filepath.Join(w.root, filepath.FromSlash(m.Recording())),
			Matrix: true})
	}
	sweep(stderr)
	return cli.Record(ctx, w.lab, wanted, args, stdout, stderr)
}

func build(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve build", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "out", "write the site to this `folder`")
	base := flags.String("base", "", "the `address` at which it will lie: makes canonical links, pictures to share, a site map and a feed")
	step := flags.Bool("step", true, "build the servers that pages step, and play the runs that the book tells")
	report := flags.String("report", "", "the `address` where readers report mistakes, such as that of the repository's issues")
	book := flags.String("epub", "", "write the book as an e-book to this `file`; and no site, unless -out is given as well")
	if status, done := cli.Parse(flags, args); done {
		return status
	}
	wantsSite := *book == ""
	flags.Visit(func(f *flag.Flag) { wantsSite = wantsSite || f.Name == "out" })
	options := site.Options{Report: *report}
	if *base != "" {
		var err error
		if options.Base, err = site.Base(*base); err != nil {
			fmt.Fprintf(stderr, "serve build: -base %q: %v\n", *base, err)
			return 2
		}
	}
	root, err := findRoot()
	if err != nil {
		return cli.Report(stderr, err)
	}
	files, err := filesOf(root)
	if err != nil {
		return cli.Report(stderr, err)
	}
	debug.SetGCPercent(400) // what a build makes is kept to its end: collecting seldom saves a fifth of its time

	options.Keep, _ = process.Dir("site") // without a cache, each build takes as long as the first
	if *step && wantsSite {
		builder := process.NewBuilder(root, "")
		if err := builder.CanModule(); err != nil {
			fmt.Fprintf(stderr, "serve build: no server can be stepped in these pages: %v\n", err)
		} else {
			options.Module = modules(root, builder)
		}
	}
	s := site.New(files, options)
	if wantsSite {
		if options.Module != nil {
			if wrong, err := toldWrongly(ctx, root, files, options.Module); err != nil {
				return cli.Report(stderr, err)
			} else if len(wrong) > 0 {
				fmt.Fprintf(stderr, "%v\n", wrong)
				return 1
			}
		}
		if err := s.Build(ctx, *out); err != nil {
			fmt.Fprintf(stderr, "%v\n", err) // FILE:LINE: what is wrong, one a line
			return 1
		}
		fmt.Fprintf(stdout, "the site is in %s: put it on any host, or open %s\n", *out, filepath.Join(*out, "index.html"))
	}
	if *book != "" {
		if err := s.WriteEBook(ctx, *book); err != nil {
			fmt.Fprintf(stderr, "%v\n", err)
			return 1
		}
		fmt.Fprintf(stdout, "the e-book is in %s: open it with any program that reads EPUB\n", *book)
	}
	return 0
}

func doctor(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("serve doctor", flag.ContinueOnError)
	flags.SetOutput(stderr)
	if status, done := cli.Parse(flags, args); done {
		return status
	}
	w, status := newWorkshop(stderr)
	if w == nil {
		return status
	}
	if !process.Doctor(ctx, stdout, w.builder) {
		return 1
	}
	return 0
}

// sweep cleans up after a lab that was killed together with its supervisors.
func sweep(stderr io.Writer) {
	if err := process.Sweep(); err != nil {
		fmt.Fprintf(stderr, "serve: clean up after earlier runs: %v\n", err)
	}
}
