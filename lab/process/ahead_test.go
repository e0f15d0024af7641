//go:build linux

package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"era/catalogue"
)

// slow is a repository whose C programs take forever to compile, and a compiler that notes what it was called for.
func slow(t *testing.T) (b *Builder, quick, endless catalogue.Variant, compiled func() string) {
	t.Helper()
	b, _, _ = tiny(t, "package main\n\nfunc main() {}\n")
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	files := map[string]string{dir + "/cc": `#!/bin/sh
echo "$*" >> ` + log + `
case "$*" in
*--version*) echo cc 1;;
*endless*) exec sleep 600;;
*) while [ "$1" != -o ]; do shift; done; echo x > "$2";;
esac
`}
	for _, name := range []string{"quick", "other", "endless"} {
		files[b.root+"/runnable/"+name+"/server.c"] = ""
	}
	for file, text := range files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	program := func(name string) catalogue.Variant {
		return catalogue.Variant{Server: catalogue.Server{ID: name, Folder: name,
			Languages: []catalogue.Language{catalogue.C}}, Language: catalogue.C}
	}
	return b, program("quick"), program("endless"), func() string {
		text, _ := os.ReadFile(log) // there is none yet
		return string(text)
	}
}

// run lets it build until the test ends.
func (a *Ahead) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.Run(ctx, func(err error) { t.Error(err) })
	}()
	t.Cleanup(func() { cancel(); a.builder.Pause(); <-ended })
}

func (a *Ahead) rest() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.wanted)
}

// What is asked for last is built first, and nothing twice, however often a page asks.
func TestAheadBuildsOnce(t *testing.T) {
	b, quick, _, compiled := slow(t)
	a := NewAhead(b)
	other := quick
	other.Server.ID, other.Server.Folder = "other", "other"
	a.Want(other)
	for range 100 {
		a.Want(quick, quick)
	}
	if n := a.rest(); n != 2 {
		t.Errorf("%d programs are wanted, want 2", n)
	}
	a.run(t)
	await(t, "the builds", func() bool { return a.rest() == 0 })
	lines := func() int { return strings.Count(compiled(), "server.c") }
	if n := lines(); n != 2 {
		t.Errorf("%d compilations of servers, want 2:\n%s", n, compiled())
	}
	for range 100 {
		a.Want(quick)
	}
	if n := a.rest(); n != 0 {
		t.Errorf("%d programs are wanted again", n)
	}
	if p, err := b.Build(t.Context(), quick); err != nil || lines() != 2 {
		t.Errorf("Run builds again: %v, %v\n%s", p, err, compiled())
	}
}

// Nothing is built ahead while an experiment runs: the build that is under way ends at once, and begins again
// afterwards.
func TestAheadPauses(t *testing.T) {
	b, quick, endless, compiled := slow(t)
	a := NewAhead(b)
	a.Want(endless)
	a.run(t)
	begins := func(n int) {
		t.Helper()
		await(t, "the build", func() bool {
			return strings.Count(compiled(), "endless") == n && strings.Contains(commandsBelow(), "sleep")
		})
	}
	begins(1)
	if _, err := b.Build(t.Context(), quick); err != nil { // is not kept waiting
		t.Fatal(err)
	}
	resume := b.Pause()
	if left := commandsBelow(); strings.Contains(left, "sleep") {
		t.Errorf("during an experiment runs\n%s", left)
	}
	if err := b.buildAhead(t.Context(), endless); !errors.Is(err, errPaused) {
		t.Errorf("during an experiment something is built ahead: %v", err)
	}
	resume()
	begins(2)

	// The same holds for the experiment of another serve.
	done, err := Turn(t.Context(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the build", func() bool { return !strings.Contains(commandsBelow(), "sleep") })
	done()
	begins(3)
}

// commandsBelow lists the commands below this process.
func commandsBelow() string {
	var all []string
	for _, id := range below() {
		text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(id), "cmdline"))
		all = append(all, strings.ReplaceAll(string(text), "\x00", " "))
	}
	return strings.Join(all, "\n")
}

// A build that a reader waits for goes on, whatever is measured; one that its reader has given up does not.
func TestPauseEndsOnlyAbandonedBuilds(t *testing.T) {
	b, _, endless, compiled := slow(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := b.Build(ctx, endless)
		ended <- err
	}()
	await(t, "the build", func() bool { return strings.Contains(compiled(), "endless") })
	b.Pause()()
	select {
	case err := <-ended:
		t.Errorf("a build that a reader waits for ended: %v", err)
	case <-time.After(10 * time.Millisecond): // it would have ended in Pause
	}
	stop()
	<-ended
	b.Pause()()
	if left := commandsBelow(); strings.Contains(left, "sleep") {
		t.Errorf("still running:\n%s", left)
	}
}

// Of a build in Go one sees how many of its packages are begun, until it is linked.
func TestProgressOfGo(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("SKIPPED: go is missing")
	}
	b, v, _ := tiny(t, "package main\n\nimport _ \"era/runnable/kit\"\n\nfunc main() {}\n")
	job := &building{}
	r := recipe{command: func(out string) []string { return []string{"go", "build", "-v", "-o", out, "./runnable/tiny"} },
		list: []string{"go", "list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", "./runnable/tiny"}}
	dir, err := b.dir("bin")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.make(t.Context(), filepath.Join(dir, v.Server.Program()), 0, r, job); err != nil {
		t.Fatal(err)
	}
	p := job.progress()
	if !job.of["era/runnable/kit"] || !job.of["era/runnable/tiny"] || p.Done != len(job.of) || p.Took <= 0 {
		t.Errorf("%+v of the packages %v", p, job.of)
	}
}

// What go build says of its packages is no part of its error.
func TestErrorsWithoutPackages(t *testing.T) {
	b, v, _ := tiny(t, "package main\n\nimport _ \"era/runnable/kit\"\n\nfunc main() { nothing }\n")
	if _, err := b.Build(t.Context(), v); err == nil || strings.Contains(err.Error(), "\nera/runnable/kit\n") {
		t.Errorf("error: %v", err)
	}
}
