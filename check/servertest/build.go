//go:build linux || darwin

package servertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"era/catalogue"
	"era/lab/process"
)

// root is the root of the repository for the tests in check/NAME. Tests run in their package's folder.
const root = "../.."

// Build makes a server in the folder and returns the command that starts it. A server that this machine cannot run
// skips the test.
func Build(t testing.TB, v catalogue.Variant, dir string) (argv []string) {
	t.Helper()
	binary := filepath.Join(dir, "server")
	switch v.Language {
	case catalogue.Go:
		Run(t, "go", "build", "-o", binary, root+"/"+v.Server.Dir())
	case catalogue.C:
		CC(t, binary, source(v))
	case catalogue.Python:
		argv, err := PythonServer(v)
		if err != nil {
			Unavailable(t, v.Server, err)
		}
		return argv
	default:
		t.Fatalf("%s: unknown language", v)
	}
	return append([]string{binary}, v.Server.Args...)
}

func source(v catalogue.Variant) string {
	return filepath.Join(root, filepath.FromSlash(v.Server.Source(v.Language)))
}

// PythonServer returns the command that starts the server on a Python that has what it needs.
func PythonServer(v catalogue.Variant) (argv []string, err error) {
	if _, err := Finder.Programs(v.Server.Needs); err != nil {
		return nil, err
	}
	python, err := Finder.Python(v.Server.Needs)
	if err != nil {
		return nil, err
	}
	modules := "PYTHONPATH=" + strings.Join(python.Folders, string(os.PathListSeparator))
	return append([]string{"/usr/bin/env", modules, python.Path, source(v)}, v.Server.Args...), nil
}

// Unavailable skips the test of a server that cannot be run here. Under CI=true it fails, unless the server needs
// something that .ci/setup does not install.
func Unavailable(t testing.TB, s catalogue.Server, err error) {
	t.Helper()
	provided := []string{"wsgiref", "gunicorn", "gunicorn-sync", "uvicorn", "flask", "starlette", "wsgi-nginx"}
	if len(s.Needs) == 0 || runtime.GOOS == "linux" && slices.Contains(provided, s.ID) {
		Skip(t, err.Error())
	}
	t.Skipf("SKIPPED: %v", err)
}

// CC compiles a server in C as the lab does, and treats warnings as errors.
func CC(t testing.TB, binary, source string) {
	t.Helper()
	compile(t, process.CFlags, "-o", binary, source)
}

func compile(t testing.TB, flags []string, more ...string) {
	t.Helper()
	Run(t, Need(t, "cc"), slices.Concat(flags, []string{"-Wall", "-Wextra", "-Werror"}, more)...)
}

// Preload makes the library that traces C and Python programs, and returns its path.
func Preload(t testing.TB, dir string) string {
	t.Helper()
	library := filepath.Join(dir, "libtrace.so")
	compile(t, process.LibraryFlags, "-o", library, root+"/runnable/kit/trace/preload.c", "-ldl")
	return library
}

// Run runs a command and returns its output.
func Run(t testing.TB, name string, args ...string) (output string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}
