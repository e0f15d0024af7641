package madeof_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"era/catalogue"
	"era/catalogue/madeof"
	"era/catalogue/madeof/code"
)

const root = "../.."

// programs returns all programs that the book runs, by name.
func programs() map[string]catalogue.Variant {
	all := map[string]catalogue.Variant{}
	for _, s := range catalogue.Servers() {
		for _, l := range s.Languages {
			v := catalogue.Variant{Server: s, Language: l}
			all[v.String()] = v
		}
	}
	for _, g := range catalogue.Matrix() {
		for _, row := range g.Programs {
			for _, v := range row {
				all[v.String()] = v
			}
		}
	}
	return all
}

// derived are the files of all programs, by name. All are found at once, as this takes most of the time.
var derived = sync.OnceValues(func() (map[string][]string, error) {
	all := programs()
	names := slices.Sorted(maps.Keys(all))
	var asked []madeof.Program
	for _, name := range names {
		v := all[name]
		asked = append(asked, madeof.Program{Source: v.Server.Source(v.Language), Args: v.Server.Args})
	}
	files, err := madeof.Files(context.Background(), root, "linux", asked...)
	if err != nil {
		return nil, err
	}
	made := map[string][]string{}
	for i, name := range names {
		made[name] = files[i]
	}
	return made, nil
})

func derive(t *testing.T) map[string][]string {
	t.Helper()
	for _, program := range []string{"go", "python3", "cc"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s on PATH", program)
		}
	}
	made, err := derived()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

const kit = "runnable/kit/"

func own(program string) string {
	v := programs()[program]
	return v.Server.Source(v.Language)
}

// beside returns a file in the folder of a program.
func beside(program, file string) string { return path.Join(path.Dir(own(program)), file) }

// TestStale changes the code of one file at a time, and checks which programs have changed.
func TestStale(t *testing.T) {
	made := derive(t)
	for _, test := range []struct {
		file  string
		stale []string // these
		fresh []string // and not these; nil: no other
	}{
		{kit + "sys/sys.go", []string{"blocking", "select", "epoll", "asyncawait", "wsgi", "asgi", "micro"},
			[]string{"select/python", "select/c"}},
		{kit + "sys/kqueue_darwin.go", nil, nil},
		{kit + "readiness/epoll_linux.go", []string{"epoll", "coroutine", "callbacks", "asyncawait", "asgi"},
			[]string{"blocking", "select", "poll", "epoll/python"}},
		{kit + "loop/loop.go", []string{"callbacks", "asyncawait", "asgi", "redis"}, []string{"epoll", "coroutine", "wsgi"}},
		{kit + "coro/coro.go", []string{"coroutine", "asyncawait", "asgi"}, []string{"callbacks", "wsgi"}},
		{kit + "aio/task.go", []string{"asyncawait", "asgi", "tcpserver"}, []string{"coroutine", "callbacks", "wsgi"}},
		{kit + "http1/head.go", []string{"blocking", "select", "asgi", "wsgi"}, []string{"select/python", "select/c"}},
		{kit + "wsgi/conn.go", []string{"wsgi", "wsgi-workers", "micro", "chi on threads"},
			[]string{"asgi", "wsgiref/python"}},
		{kit + "asgi/http.go", []string{"asgi", "asgi-goroutines", "chi on threads"}, []string{"wsgi", "asgi/python"}},
		{kit + "trace/trace.go", nil, nil},
		{kit + "aio/aio_test.go", nil, nil},
		{kit + "python/machine.py", []string{"nonblocking/python", "select/python", "poll/python", "epoll/python",
			"epoll-edge/python", "epoll-edge-drain/python", "epoll-edge-once/python"}, nil},
		{kit + "c/machine.h", []string{"nonblocking/c", "select/c", "poll/c", "epoll/c"}, nil},
		{own("select"), []string{"select"}, nil},
		{own("select/python"), []string{"select/python"}, nil},
		{own("select/c"), []string{"select/c"}, nil},
		{beside("asgi", "room.html"), []string{"asgi", "asgi-goroutines", "asgi/python", "uvicorn/python"},
			[]string{"wsgi", "gunicorn/python"}},
		{beside("asgi/python", "deflate.py"),
			[]string{"asgi/python", "asgi-in-thread/python", "queueing/python", "httpx/python", "fastapi on asgi/python"},
			[]string{"asgi", "collecting/python", "uvicorn/python", "fastapi on uvicorn/python"}},
		{own("wsgiref/python"),
			[]string{"wsgiref/python", "collecting/python", "closing/python", "gunicorn/python", "flask/python"},
			[]string{"queueing/python", "asgi/python", "uvicorn/python", "node/python"}},
		{beside("node/python", "node.mjs"), []string{"node/python"}, nil},
		{beside("node/python", "nginx.conf"), []string{"nginx-uwsgi/python"}, nil},
		{beside("node/python", "quart_app.py"), []string{"quart/python", "quart on asgi/python", "quart on uvicorn/python",
			"quart on hypercorn/python", "quart on daphne/python"}, nil},
	} {
		var stale []string
		if changed(t, test.file, func(text string) string { return text + "\nx = 1\n" }) {
			for name, files := range made {
				if slices.Contains(files, test.file) {
					stale = append(stale, name)
				}
			}
		}
		slices.Sort(stale)
		missing := slices.DeleteFunc(slices.Clone(test.stale), func(name string) bool { return slices.Contains(stale, name) })
		if len(missing) > 0 || test.fresh == nil && len(stale) != len(test.stale) {
			t.Errorf("%s: stale are %q, want %q", test.file, stale, test.stale)
		}
		for _, name := range test.fresh {
			if slices.Contains(stale, name) || made[name] == nil {
				t.Errorf("%s: %s is stale or missing", test.file, name)
			}
		}
	}
}

// TestFresh changes files as an editor would, but not their code.
func TestFresh(t *testing.T) {
	replace := func(old, new string, n int) func(string) string {
		return func(text string) string { return strings.Replace(text, old, new, n) }
	}
	comment := func(mark string) func(string) string {
		return func(text string) string { return mark + " why\n\n" + text }
	}
	for _, test := range []struct {
		what, file string
		edit       func(string) string
		stale      bool
	}{
		{"a comment in Go", own("select"), comment("//"), false},
		{"a comment in C", kit + "c/http1.h", comment("//"), false},
		{"a comment in Python", kit + "python/job.py", comment("#"), false},
		{"a comment in a page", beside("asgi", "room.html"), comment("<!-- -->"), true},
		{"a docstring", kit + "python/job.py", replace(`"""`, `"""Now `, 1), false},
		{"blank lines", own("asyncawait"), replace("\n", "\n\n", -1), false},
		{"indentation in Go", own("asyncawait"), replace("\n\t", "\n    ", -1), false},
		{"indentation in Python", own("asyncawait/python"), replace("\n    ", "\n     ", 1), true},
		{"line ends", own("asyncawait/python"), replace("\n", "\r\n", -1), false},
		{"what is embedded", beside("asgi", "app.go"), replace("//go:embed ", "//go:embed all:", 1), true},
	} {
		if stale := changed(t, test.file, test.edit); stale != test.stale {
			t.Errorf("%s: another program: %v, want %v", test.what, stale, test.stale)
		}
	}
}

// changed reports whether an edit changes the code of a file.
func changed(t *testing.T, file string, edit func(string) string) bool {
	before, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	after := edit(string(before))
	if after == string(before) {
		t.Errorf("%s: nothing was edited", file)
	}
	return code.Of(file, before).Sum != code.Of(file, []byte(after)).Sum
}

// TestNothingIsForgotten finds files beside programs that are part of no program.
func TestNothingIsForgotten(t *testing.T) {
	made := derive(t)
	used, folders := map[string]bool{}, map[string]bool{"runnable/kit/python": true, "runnable/kit/c": true}
	for name, v := range programs() {
		for _, file := range made[name] {
			used[file] = true
		}
		folders[v.Server.Dir()] = true
	}
	examples := []string{"payment.py", "search.py"} // programs of their own that chapters show
	for folder := range folders {
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			name := e.Name()
			if e.IsDir() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".yaml") ||
				slices.Contains(examples, name) || used[path.Join(folder, name)] {
				continue
			}
			t.Errorf("%s/%s is part of no program", folder, name)
		}
	}
}

// TestPackages: a package is its __init__.py, and what its modules import from beside them.
func TestPackages(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3 on PATH")
	}
	at := t.TempDir()
	if err := os.MkdirAll(filepath.Join(at, "p", "q"), 0o700); err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for name, text := range map[string]string{
		"a.py": "import p.q.b\n", "p/__init__.py": "", "p/q/__init__.py": "",
		"p/q/b.py": "try:\n    from .c import one\nexcept ImportError:\n    from .. import d\n",
		"p/q/c.py": "from . import e", "p/d.py": "", "p/q/e.py": "",
	} {
		want = append(want, name)
		if err := os.WriteFile(filepath.Join(at, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	files, err := madeof.Files(t.Context(), at, "", madeof.Program{Source: "a.py"})
	if err != nil || len(files) != 1 || !slices.Equal(files[0], want) {
		t.Errorf("%q, %v, want %q", files, err, want)
	}
}

// TestHeadersOfOtherSystems: what a program is made of is known where it cannot be compiled as well. gcc skips a
// header of the system that is missing; clang, which is macOS's compiler, does so with -MG only.
func TestHeadersOfOtherSystems(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("there is no cc on PATH")
	}
	at := t.TempDir()
	for name, text := range map[string]string{"a.c": "#include <sys/of_another.h>\n#include \"own.h\"\n", "own.h": ""} {
		if err := os.WriteFile(filepath.Join(at, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := madeof.Files(t.Context(), at, "", madeof.Program{Source: "a.c"})
	if err != nil || len(files) != 1 || !slices.Equal(files[0], []string{"a.c", "own.h"}) {
		t.Errorf("%q, %v", files, err)
	}
}

// TestMissingTools: the error names the missing tool.
func TestMissingTools(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for name, want := range map[string]string{
		"select": "there is no go on PATH", "select/python": "there is no python3 on PATH",
		"select/c": "there is no cc on PATH",
	} {
		v := programs()[name]
		_, err := madeof.Files(t.Context(), root, "", madeof.Program{Source: v.Server.Source(v.Language)})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), v.Server.Source(v.Language)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
