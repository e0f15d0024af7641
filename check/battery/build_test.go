//go:build linux || darwin

package battery

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"era/catalogue"
	"era/check/servertest"
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

// argv is the command that starts the variant. A server that this machine cannot run skips the test, and fails it under
// CI=true.
func argv(t *testing.T, v catalogue.Variant) []string {
	t.Helper()
	if !v.Server.RunsOn(runtime.GOOS, v.Language) {
		t.Skip("it makes calls that only Linux has")
	}
	if _, err := servertest.Finder.Programs(v.Server.Needs); err != nil {
		servertest.Unavailable(t, v.Server, err)
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(v.Server.Source(v.Language)))); err != nil {
		t.Fatalf("the catalogue promises %s: %v", v, err)
	}
	if v.Language != catalogue.Go {
		return servertest.Build(t, v, t.TempDir())
	}
	if err := buildGo(); err != nil {
		t.Fatal(err)
	}
	return append([]string{filepath.Join(built(v.Server), path.Base(v.Server.Dir()))}, v.Server.Args...)
}

// built is where the server's program is, with those of the folders beside its own: the go command calls each like its
// folder.
func built(s catalogue.Server) (dir string) {
	return filepath.Join(programs, strings.ReplaceAll(path.Dir(s.Dir()), "/", "-")) + string(filepath.Separator)
}

// buildGo builds all servers, those of one place with one command.
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
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", cmd, err, out)
		}
	}
	return nil
})
