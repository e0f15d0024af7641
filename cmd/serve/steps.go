package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"era/catalogue"
	"era/chapters"
	"era/internal/aside"
	"era/lab/cli"
	"era/lab/process"
	compile "era/lab/simulated/build"
	"era/site"
)

// simulate starts cmd/simulate: the interpreter of WebAssembly that it contains would make the first start of serve
// longer. It is built and not started by go run, which has exit statuses of its own.
func simulate(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root, err := findRoot()
	if err != nil {
		return cli.Report(stderr, err)
	}
	scratch, err := os.MkdirTemp("", "era-simulate-")
	if err != nil {
		return cli.Report(stderr, err)
	}
	defer os.RemoveAll(scratch)
	program := filepath.Join(scratch, "simulate")
	command := func(argv ...string) *exec.Cmd {
		c := exec.CommandContext(ctx, argv[0], argv[1:]...)
		c.Dir, c.Stdout, c.Stderr = root, stdout, stderr
		return c
	}
	if err := command("go", "build", "-o", program, "./cmd/simulate").Run(); err != nil {
		return cli.Report(stderr, fmt.Errorf("build cmd/simulate: %w", err))
	}
	err = command(append([]string{program}, args...)...).Run()
	if ended, is := errors.AsType[*exec.ExitError](err); is && ended.Exited() {
		return ended.ExitCode()
	}
	return cli.Report(stderr, err)
}

// modules returns what builds the servers that pages step, by their folders below runnable.
func modules(root string, b *process.Builder) func(context.Context, string) ([]byte, error) {
	how := process.Moduler{Environment: compile.Environment, Source: "lab/simulated/build",
		Command: func(scratch, folder, out string) ([]string, error) {
			return compile.Command(root, scratch, folder, out)
		}}
	return func(ctx context.Context, folder string) ([]byte, error) {
		all := catalogue.Servers()
		i := slices.IndexFunc(all, func(s catalogue.Server) bool { return s.Folder == folder })
		return b.Module(ctx, all[i], how) // the site asks for those of the catalogue only
	}
}

// toldWrongly is checkSteps for the book as it is now.
func toldWrongly(ctx context.Context, root string, files fs.FS,
	module func(context.Context, string) ([]byte, error)) (chapters.Problems, error) {
	book, _ := chapters.Load(files) // what is wrong with it, the build says
	if book == nil {
		return nil, nil
	}
	return checkSteps(ctx, root, book, module)
}

// told is a run as check/told takes it.
type told struct {
	Module []byte
	Script string
	Args   []string
	Stops  []toldStop
	Shows  string
}

type toldStop struct {
	Take []string
	Call string
}

// checkSteps plays the runs that the book tells, and finds those that are not as it says. One that was found
// right, and whose server has not changed since, is not played again.
func checkSteps(ctx context.Context, root string, book *chapters.Book,
	module func(context.Context, string) ([]byte, error)) (chapters.Problems, error) {
	kept, _ := process.Dir("steps") // without a cache, all are played
	var runs []told
	var of []*chapters.Steps
	var keys []string
	for _, s := range book.Steps() {
		v, script, err := site.CheckSteps(s)
		if err != nil {
			continue // it is a mistake of the book, which the site reports
		}
		t := told{Script: script, Args: site.StepArgs(v.Server), Shows: s.Shows}
		for _, stop := range s.Stops {
			t.Stops = append(t.Stops, toldStop{stop.Take, stop.Call})
		}
		if t.Module, err = module(ctx, v.Server.Folder); err != nil {
			return nil, err
		}
		data, err := json.Marshal(t)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		key := hex.EncodeToString(sum[:])
		if was, _ := os.ReadFile(filepath.Join(kept, s.Name)); string(was) != key {
			runs, of, keys = append(runs, t), append(of, s), append(keys, key)
		}
	}
	if len(runs) == 0 {
		return nil, nil
	}
	found, err := play(ctx, root, runs)
	if err != nil {
		return nil, err
	}
	var wrong chapters.Problems
	for i, f := range found {
		s := of[i]
		if f.Why != "" {
			wrong = append(wrong, chapters.Problem{File: s.File, Line: s.Stops[f.Stop].Line,
				Text: "steps " + s.Name + ": " + f.Why})
		} else if kept != "" {
			// If this fails, the run is played again the next time.
			_ = aside.Write(filepath.Join(kept, s.Name), ".part-*", []byte(keys[i]), 0o600)
		}
	}
	return wrong, nil
}

// wrongStop is what check/told says of a run.
type wrongStop struct {
	Stop int
	Why  string
}

func play(ctx context.Context, root string, runs []told) (found []wrongStop, err error) {
	in, err := json.Marshal(runs)
	if err != nil {
		return nil, err
	}
	player := exec.CommandContext(ctx, "go", "run", "./check/told")
	player.Dir, player.Stdin, player.Stderr = root, bytes.NewReader(in), os.Stderr
	out, err := player.Output()
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err == nil && len(found) != len(runs) {
		err = fmt.Errorf("%d of %d were played", len(found), len(runs))
	}
	if err != nil {
		return nil, fmt.Errorf("play the runs that the book tells: %w", err)
	}
	return found, nil
}
