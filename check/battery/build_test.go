//go:build linux || darwin

package battery

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
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
	return append([]string{filepath.Join(programs, path.Base(v.Server.Dir()))}, v.Server.Args...)
}

// buildGo builds all servers in one go.
var buildGo = sync.OnceValue(func() error {
	args := []string{"build", "-o", programs + string(filepath.Separator)}
	for _, s := range catalogue.Servers {
		if s.Has(catalogue.Go) {
			args = append(args, "./"+s.Dir())
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
})
