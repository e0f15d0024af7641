//go:build linux

package lab

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"era/catalogue"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
)

// runAt runs a short experiment in the checkout with the cache, and requires that every server answers, and that every
// call is seen with a source line of the repository.
func runAt(t *testing.T, root, cache string, servers ...string) *recording.Recording {
	t.Helper()
	e, err := scenario.New("one-slow", scenario.Settings{"clients": 2, "pause": 200}, 0)
	if err != nil {
		t.Fatal(err)
	}
	lab := New(Options{Root: root, Builder: process.NewBuilder(root, cache)})
	for _, s := range servers {
		v, err := catalogue.Find(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := lab.Builder.Available(v); err != nil {
			if os.Getenv("CI") == "true" && len(v.Server.Needs) == 0 {
				t.Fatalf("%s: %v", s, err)
			}
			t.Logf("left out: %s: %v", s, err)
			continue
		}
		e.Servers = append(e.Servers, v)
	}
	r, err := lab.Run(t.Context(), e, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range r.Result.Servers {
		others := len(e.Servers[i].Server.Needs) > 0 // their calls may not be seen
		if s.Requests.Answered == 0 || s.Syscalls["accept"] == 0 && !others {
			t.Errorf("%s/%s: answered %d requests, calls %v, traced: %+v", s.ID, s.Language, s.Requests.Answered, s.Syscalls, s.Traced)
		}
		sites := r.Tracks[i].Sites
		if len(sites) == 0 && !others {
			t.Errorf("%s/%s: no source lines", s.ID, s.Language)
		}
		for _, site := range sites {
			if _, err := os.Stat(filepath.Join(root, site.File)); err != nil || !strings.HasPrefix(site.File, "runnable/") {
				t.Errorf("%s/%s: source line %v: %v", s.ID, s.Language, site, err)
			}
		}
	}
	return r
}

// A checkout, the cache and the folder for temporary files lie where the reader has them. Each of these names means
// something in a compiler's argument, a list of paths, a shell, or a URL.
func TestNamesOfFolders(t *testing.T) {
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	compiled := strings.TrimSpace(string(out))
	for _, name := range []string{"a = b", "a:b", `'q' "d" $x`, "ệ #1 50%20", "runnable;-I", "runnable"} {
		t.Run(name, func(t *testing.T) {
			at := filepath.Join(t.TempDir(), name)
			root, cache, temporary := filepath.Join(at, "checkout"), filepath.Join(at, "cache"), filepath.Join(at, "tmp")
			err := errors.Join(os.MkdirAll(temporary, 0o700), os.MkdirAll(cache, 0o700))
			for _, folder := range []string{"blocking", "kit"} {
				err = errors.Join(err, os.CopyFS(filepath.Join(root, "runnable", folder),
					os.DirFS(filepath.Join("../runnable", folder))))
			}
			for _, file := range []string{"go.mod", "go.sum"} {
				text, fails := os.ReadFile(filepath.Join("..", file))
				err = errors.Join(err, fails, os.WriteFile(filepath.Join(root, file), text, 0o600))
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("GOCACHE", compiled) // the standard library is not compiled for each
			t.Setenv("XDG_CACHE_HOME", cache)
			t.Setenv("TMPDIR", temporary)
			r := runAt(t, root, "", "blocking", "blocking/python", "blocking/c")
			if text, err := json.Marshal(r); err != nil || strings.Contains(string(text), "TestNamesOfFolders") {
				t.Errorf("the recording names a place of this machine, %v:\n%s", err, text)
			}
		})
	}
}

// Modules with the names of the standard library's, or of ours, lie on the reader's PYTHONPATH.
func TestModulesOfOthers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"queue", "ssl", "select", "selectors", "socket", "json", "job", "machine", "http1",
		"typing", "wsgiref"} {
		if err := os.WriteFile(filepath.Join(dir, name+".py"), []byte("raise SystemExit('the wrong one')\n"),
			0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PYTHONPATH", dir)
	runAt(t, "..", "", "select/python", "threads/python", "wsgiref/python", "gunicorn/python", "uvicorn/python",
		"flask/python")
}
