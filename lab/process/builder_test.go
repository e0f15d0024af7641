//go:build linux

package process

import (
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"era/catalogue"
)

// tiny is a repository with one server.
func tiny(t *testing.T, source string) (b *Builder, v catalogue.Variant, edit func(string)) {
	t.Helper()
	root := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("go.mod", "module era\n\ngo 1.26.0\n")
	put("go.sum", "")
	put("runnable/kit/kit.go", "package kit\n")
	edit = func(source string) { t.Helper(); put("runnable/tiny/main.go", source) }
	edit(source)
	v = catalogue.Variant{Server: catalogue.Server{ID: "tiny", Folder: "tiny",
		Languages: []catalogue.Language{catalogue.Go}}, Language: catalogue.Go}
	return NewBuilder(root, filepath.Join(root, "cache")), v, edit
}

func TestBuildOnce(t *testing.T) {
	b, v, edit := tiny(t, "package main\n\nfunc main() {}\n")
	built := func() (path string, at os.FileInfo) {
		t.Helper()
		p, err := b.Build(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		if at, err = os.Stat(p.Binary); err != nil {
			t.Fatal(err)
		}
		return p.Binary, at
	}
	var together sync.WaitGroup
	for range 3 {
		together.Go(func() {
			if _, err := b.Build(t.Context(), v); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	path, first := built()
	again, second := built()
	if path != again || !os.SameFile(first, second) {
		t.Errorf("built twice: %s, then %s", path, again)
	}
	edit("package main\n\nfunc main() { println() }\n")
	if edited, _ := built(); edited == path {
		t.Error("an edit builds nothing")
	}
	edit("package main\n\nfunc main() {}\n")
	if undone, _ := built(); undone != path {
		t.Error("an edit that is undone builds again")
	}
	if parts, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".part*")); len(parts) != 0 {
		t.Errorf("left in the cache: %v", parts)
	}
}

func TestBuildErrors(t *testing.T) {
	mistakes := strings.Repeat("func main() { nothing }\n", 40)
	b, v, _ := tiny(t, "package main\n\n"+mistakes)
	_, err := b.Build(t.Context(), v)
	if err == nil || !strings.Contains(err.Error(), "runnable/tiny/main.go:3") || strings.Count(err.Error(), "\n") > 14 {
		t.Errorf("error: %v", err)
	}
	v.Language = catalogue.C
	if err := b.Available(v); err == nil || !strings.Contains(err.Error(), "runnable/tiny/server.c is missing") {
		t.Errorf("error: %v", err)
	}
}

func TestMissingTools(t *testing.T) {
	b, v, _ := tiny(t, "package main\n\nfunc main() {}\n")
	t.Setenv("PATH", t.TempDir())
	for language, want := range map[catalogue.Language]string{
		catalogue.Go: "no go found; the Go programs need the Go toolchain", catalogue.C: "no cc found",
		catalogue.Python: "no python3 found",
	} {
		for _, file := range []string{"main.go", "server.c", "server.py"} {
			if err := os.WriteFile(filepath.Join(b.root, "runnable/tiny", file), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		v.Language = language
		if err := b.Available(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", language, err)
		}
	}
}

// When a tool exists but does not work, the error repeats the tool's own message, which tells the reader what to fix.
func TestToolsThatDoNotWork(t *testing.T) {
	path := os.Getenv("PATH")
	for _, x := range []struct{ what, language, tool, script, temporary, want string }{
		{what: "no folder for temporary files", language: "go", temporary: "/no/such/folder", want: "/no/such/folder"},
		{what: "another program", language: "go", tool: "go", script: "echo garbage", want: `calls its version "garbage"`},
		{what: "a program that fails", language: "c", tool: "cc", script: "echo no licence >&2; exit 3",
			want: "exit status 3: no licence; "},
		{what: "a compiler that writes nothing", language: "c", tool: "cc", script: "echo cc 1",
			want: "cc succeeded but wrote nothing"},
	} {
		b, v, _ := tiny(t, "package main\n\nfunc main() {}\n")
		if err := os.WriteFile(filepath.Join(b.root, "runnable/tiny/server.c"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if x.tool != "" {
			if err := os.WriteFile(filepath.Join(dir, x.tool), []byte("#!/bin/sh\n"+x.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("PATH", dir+":"+path)
		t.Setenv("TMPDIR", x.temporary)
		v.Language, v.Server.Languages = catalogue.Language(x.language), []catalogue.Language{catalogue.Go, catalogue.C}
		if _, err := b.Build(t.Context(), v); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", x.what, err, x.want)
		}
	}
}

// A PATH may name folders that do not exist, files, folders with the name of a program, and the working directory.
func TestOddPath(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"go", "cc", "python3"} {
		if err := os.MkdirAll(filepath.Join(dir, "folders", folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go", "cc", "python3"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("not to be executed"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	odd := []string{"/no/such/folder", filepath.Join(dir, "folders"), filepath.Join(dir, "go"), dir, "relative", ".", ""}
	t.Setenv("PATH", strings.Join(append(odd, os.Getenv("PATH")), ":"))
	b := NewBuilder("../..", t.TempDir())
	for _, language := range []catalogue.Language{catalogue.Go, catalogue.C, catalogue.Python} {
		v, err := catalogue.Find("blocking/" + string(language))
		if err != nil {
			t.Fatal(err)
		}
		if tool := map[catalogue.Language]string{catalogue.Go: "go", catalogue.C: "cc",
			catalogue.Python: "python3"}[language]; !there(tool) {
			continue
		}
		if err := b.Available(v); err != nil {
			t.Errorf("%s: %v", v, err)
		}
	}
}

func there(tool string) bool {
	_, err := exec.LookPath(tool)
	return err == nil
}

// Two clones share one cache. A program built in one is not run in the other: when it panicked, it would name its files
// by the paths of the first.
func TestTwoClonesShareACache(t *testing.T) {
	const panics = "package main\n\nfunc main() { panic(1) }\n"
	one, v, _ := tiny(t, panics)
	two, _, _ := tiny(t, panics)
	for _, root := range []string{one.root, two.root} {
		p, err := NewBuilder(root, one.cache).Build(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		if out, _ := exec.Command(p.Binary).CombinedOutput(); !strings.Contains(string(out),
			root+"/runnable/tiny/main.go:3") && builtWith("-trimpath") != "true" {
			t.Errorf("built in %s, it says\n%s", root, out)
		}
	}
}

func TestDoctor(t *testing.T) {
	b, _, _ := tiny(t, "package main\n\nfunc main() {}\n")
	var out strings.Builder
	if Doctor(t.Context(), &out, b) { // the catalogue's servers are not in this repository
		t.Error("it reported that everything is there")
	}
	for _, want := range []string{"Languages", "blocking", "not here: go, python, c", "Contestants", "not confined",
		"descriptors"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// A compiler's result depends on its environment: a build with other settings is another program.
func TestSettingsOfCompilers(t *testing.T) {
	b, v, _ := tiny(t, "package main\n\nfunc main() {}\n")
	built := func() string {
		t.Helper()
		p, err := NewBuilder(b.root, b.cache).Build(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(p.Binary).CombinedOutput(); err != nil {
			t.Errorf("it does not run here: %v %s", err, out)
		}
		return p.Binary
	}
	plain := built()
	t.Setenv("GOFLAGS", "-tags=other")
	if flagged := built(); flagged == plain {
		t.Error("GOFLAGS does not change the key")
	}
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOARCH", map[string]string{"amd64": "arm64"}[runtime.GOARCH]) // "" is as good elsewhere
	if crossed := built(); crossed != plain {
		t.Error("a shell that cross-compiles changes the key")
	}
}

// A checkout may belong to another user, for whom git refuses to work: go build -buildvcs=true would fail there.
func TestForeignCheckout(t *testing.T) {
	b, v, _ := tiny(t, "package main\n\nfunc main() {}\n")
	if err := os.WriteFile(filepath.Join(b.root, ".git"), []byte("not a repository"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "")
	if _, err := b.Build(t.Context(), v); err != nil {
		t.Error(err)
	}
}

// Programs in the cache are executed, so no other user may be able to put one there.
func TestCachesOfOthersAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(cache string) error{
		"can be written by others": func(cache string) error { return os.Chmod(filepath.Join(cache, "bin"), 0o777) },
		"is not a folder": func(cache string) error {
			return errors.Join(os.Rename(cache, cache+"-real"), os.Symlink(cache+"-real", cache))
		},
		"belongs to another user": func(cache string) error { return os.Chown(cache, 1, 1) },
	} {
		if strings.HasPrefix(name, "belongs") && os.Geteuid() != 0 {
			continue // only root can give a folder away
		}
		b, v, _ := tiny(t, "package main\n\nfunc main() {}\n")
		if _, err := b.Build(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if err := spoil(b.cache); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Build(t.Context(), v); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// LD_PRELOAD cannot name a path with a space or a colon, and a home folder may have one.
func TestPreloadBelowAnyPath(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("SKIPPED: cc is missing")
	}
	path, err := NewBuilder("../..", filepath.Join(t.TempDir(), "a home: with a space")).Preload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("true")
	cmd.Env = append(os.Environ(), "LD_PRELOAD="+path)
	// Ld.so reports a library that it cannot load, and goes on.
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestFlagsOfC: readers compile the servers in C as the lab does. The Makefile has the lab's flags, but for what only
// the lab needs, and the line that heads each server names nothing else.
func TestFlagsOfC(t *testing.T) {
	text, err := os.ReadFile("../../runnable/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(text), "CFLAGS  = ")
	line, _, _ = strings.Cut(line, "\n")
	flags := strings.Fields(line)
	warnings := func(flag string) bool { return strings.HasPrefix(flag, "-W") }
	undefined := func(flag string) bool { return flag == "-U_FORTIFY_SOURCE" } // for a compiler that defines it by itself
	lab := slices.DeleteFunc(slices.Clone(CFlags), undefined)
	if got := slices.DeleteFunc(slices.Clone(flags), warnings); !slices.Equal(got, lab) {
		t.Errorf("runnable/Makefile compiles with %v, the lab with %v", got, lab)
	}
	for _, server := range catalogue.Servers() {
		if !server.Has(catalogue.C) {
			continue
		}
		source, err := os.ReadFile(filepath.Join("../..", server.Source(catalogue.C)))
		if err != nil {
			t.Fatal(err)
		}
		_, line, _ := strings.Cut(string(source), "// Build it: ")
		line, _, _ = strings.Cut(line, "\n")
		line, named := strings.CutSuffix(line, " -o "+path.Base(server.Dir())+" server.c")
		command := strings.Fields(line)
		if !named || len(command) == 0 || command[0] != "cc" {
			t.Errorf("%s says to build it by %q", server.Source(catalogue.C), line)
			continue
		}
		for _, flag := range command[1:] {
			if !slices.Contains(flags, flag) {
				t.Errorf("%s is built with %s, which runnable/Makefile does not have", server.Source(catalogue.C), flag)
			}
		}
	}
}
