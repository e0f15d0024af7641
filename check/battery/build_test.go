//go:build linux || darwin

package battery

import (
	"fmt"
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
	"era/catalogue/installed"
)

var programs string // folder of the built programs

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "era-battery-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programs = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// root is the root of the repository. Tests run in their package's folder.
var root = filepath.Join("..", "..")

// argv is the command that starts the variant. A language that this machine cannot run skips the test, and fails it
// under CI=true.
func argv(t *testing.T, v catalogue.Variant) []string {
	t.Helper()
	if !v.Server.RunsOn(runtime.GOOS, v.Language) {
		t.Skip("it makes calls that only Linux has")
	}
	if _, err := finder.Programs(v.Server.Needs); err != nil {
		missing(t, v.Server, err)
	}
	source := filepath.Join(root, filepath.FromSlash(v.Server.Source(v.Language)))
	if _, err := os.Stat(source); err != nil {
		t.Fatalf("the catalogue promises %s: %v", v, err)
	}
	binary := filepath.Join(programs, v.Server.Program()+"-"+string(v.Language))
	switch v.Language {
	case catalogue.Go:
		if err := buildGo(); err != nil {
			t.Fatal(err)
		}
		return append([]string{filepath.Join(built(v.Server), path.Base(v.Server.Dir()))}, v.Server.Args...)
	case catalogue.C:
		cc := need(t, "cc")
		if err := buildC(cc, source, binary); err != nil {
			t.Fatal(err)
		}
		return append([]string{binary}, v.Server.Args...)
	case catalogue.Python:
		python, err := finder.Python(v.Server.Needs)
		if err != nil {
			missing(t, v.Server, err)
		}
		modules := "PYTHONPATH=" + strings.Join(python.Folders, string(os.PathListSeparator))
		return append([]string{"/usr/bin/env", modules, python.Path, source}, v.Server.Args...)
	}
	t.Fatalf("%s: how is this language run?", v)
	return nil
}

func need(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing, and CI=true", tool)
	}
	t.Skipf("SKIPPED: %s is missing, so this server is not tested", tool)
	return ""
}

// built is where the server's program is, with those of the folders beside its own: the go command calls each like its folder.
func built(s catalogue.Server) (dir string) {
	return filepath.Join(programs, strings.ReplaceAll(path.Dir(s.Dir()), "/", "-")) + string(filepath.Separator)
}

// buildGo builds all servers, those of one place in one go.
var buildGo = sync.OnceValue(func() error {
	places := map[string][]string{}
	for _, s := range catalogue.Servers() {
		if s.Has(catalogue.Go) {
			places[built(s)] = append(places[built(s)], "./"+s.Dir())
		}
	}
	for dir, servers := range places {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		cmd := exec.Command("go", append([]string{"build", "-o", dir}, servers...)...)
		cmd.Dir = root
		if err := run(cmd); err != nil {
			return err
		}
	}
	return nil
})

// buildC uses the flags that the lab uses, and takes no warnings.
func buildC(cc, source, binary string) error {
	flags := strings.Fields("-O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -pthread -Wall -Wextra -Werror -o")
	return run(exec.Command(cc, append(flags, binary, source)...))
}

// finder looks for the Pythons of this machine, and for what others wrote.
var finder installed.Finder

// missing skips the test of a server that cannot be run here. Under CI=true it fails, unless the server needs something
// that .ci/setup does not install.
func missing(t *testing.T, s catalogue.Server, err error) {
	t.Helper()
	provided := len(s.Needs) == 0 || runtime.GOOS == "linux" && slices.Contains([]string{"wsgiref", "gunicorn", "gunicorn-sync", "uvicorn", "flask", "starlette", "wsgi-nginx"}, s.ID)
	if provided && os.Getenv("CI") == "true" {
		t.Fatalf("%v, and CI=true", err)
	}
	t.Skipf("SKIPPED: %v", err)
}

func run(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}
