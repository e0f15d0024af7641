//go:build linux || darwin

package battery

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"era/runnable"
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
func argv(t *testing.T, v runnable.Variant) []string {
	t.Helper()
	source := filepath.Join(root, filepath.FromSlash(v.Server.Source(v.Language)))
	if _, err := os.Stat(source); err != nil {
		t.Fatalf("the catalogue promises %s: %v", v, err)
	}
	name := path.Base(v.Server.Dir())
	binary := filepath.Join(programs, name+"-"+string(v.Language))
	switch v.Language {
	case runnable.Go:
		if err := buildGo(); err != nil {
			t.Fatal(err)
		}
		return append([]string{filepath.Join(programs, name)}, v.Server.Args...)
	case runnable.C:
		cc := need(t, "cc")
		if err := buildC(cc, source, binary); err != nil {
			t.Fatal(err)
		}
		return append([]string{binary}, v.Server.Args...)
	case runnable.Python:
		need(t, "python3")
		python, err := interpreter()
		if err != nil {
			t.Fatal(err)
		}
		return append([]string{python, source}, v.Server.Args...)
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

// buildGo builds all servers in one go.
var buildGo = sync.OnceValue(func() error {
	args := []string{"build", "-trimpath", "-o", programs + string(filepath.Separator)}
	for _, s := range runnable.Servers {
		if s.Has(runnable.Go) {
			args = append(args, "./"+s.Dir())
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	return run(cmd)
})

// buildC uses the flags that the lab uses, and takes no warnings.
func buildC(cc, source, binary string) error {
	flags := strings.Fields("-O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -pthread -Wall -Wextra -Werror -o")
	return run(exec.Command(cc, append(flags, binary, source)...))
}

// interpreter is Python itself: python3 may be a script that looks for it, and takes its time.
var interpreter = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		return "", fmt.Errorf("python3: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
})

func run(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}
