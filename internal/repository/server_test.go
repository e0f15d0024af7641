package repository

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// make server makes programs that can be built and run, and an entry that the catalogue takes.
func TestMakeServer(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("make and sh are wanted")
	}
	at := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", ".ci/server", "catalogue", "internal/language", "runnable"} {
		from, to := filepath.Join(root, name), filepath.Join(at, name)
		info, err := os.Stat(from)
		if err == nil && info.IsDir() {
			err = os.CopyFS(to, os.DirFS(from))
		} else if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o700)
			if err == nil {
				err = os.WriteFile(to, []byte(text(t, from)), 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, chapter := range []string{"select", "workers", "gateways"} {
		if err := os.MkdirAll(filepath.Join(at, "content", chapter), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	run := func(argv ...string) (string, error) {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = at
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for name, want := range map[string]string{
		"":               "wanted is CHAPTER/NAME",
		"select/../x":    "wanted is CHAPTER/NAME",
		"selct/pool":     "the book has no chapter selct",
		"select":         "runnable/select is there already",
		"select/threads": "runnable/select/threads is there already",
		"gateways/chi":   "runnable/gateways/chi is there already", // a program without an entry
		"select/epoll":   "another server has the id epoll, in runnable/epoll/server.yaml",
	} {
		if out, err := run("sh", ".ci/server", name); err == nil || !strings.Contains(out, want) {
			t.Errorf("%q: %v, %s; want %q", name, err, out, want)
		}
	}
	for _, name := range []string{"select/pool", "workers"} {
		if out, err := run("sh", ".ci/server", name); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		folder := "runnable/" + name
		for tool, argv := range map[string][]string{
			"go":      {"vet", "./" + folder},
			"gofmt":   {"-l", folder},
			"cc":      {"-Wall", "-Wextra", "-Werror", "-pthread", "-o", "server", folder + "/server.c"},
			"python3": {folder + "/server.py", "-h"},
		} {
			if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") != "true" {
				t.Logf("SKIPPED: %s is missing", tool)
				continue
			}
			if out, err := run(append([]string{tool}, argv...)...); err != nil || tool == "gofmt" && out != "" {
				t.Errorf("%s: %s: %v\n%s", name, tool, err, out)
			}
		}
	}
	if out, err := run("go", "test", "-count", "1", "-run", "TestEntriesAndFolders", "./catalogue"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
