//go:build linux || darwin

package installed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/internal/hang"
)

// pretend puts a command into a folder of its own that answers like a Python with the modules, and counts in a file how
// often it was asked.
func pretend(t *testing.T, version, modules string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	path := filepath.Join(dir, "python3")
	script := fmt.Sprintf("#!/bin/sh\necho >> %s/asked\necho '[\"%s\", [%s], {%s}]'\n", dir, path, version, modules)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func modules(names ...string) (needs []catalogue.Need) {
	for _, name := range names {
		needs = append(needs, catalogue.Need{Module: name, Debian: "python3-" + name, Brew: "python-" + name, Pip: name})
	}
	return needs
}

func TestPython(t *testing.T) {
	const a, b = `"a": {"folder": "/one", "version": "1.0"}`, `"b": {"folder": "/two"}`
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "python3"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	old, first, second, both := pretend(t, "3, 7", a), pretend(t, "3, 11", a+`, "b": {}`),
		pretend(t, "3, 11", b+`, "a": {}`), pretend(t, "3, 12", a+","+b)
	for _, x := range []struct {
		what    string
		path    []string
		needs   []catalogue.Need
		folder  string // of the Python that is found
		modules string
		err     string
	}{
		{what: "the first that works", path: []string{broken, first, both}, folder: first},
		{what: "the first that has it", path: []string{first, both}, needs: modules("b"), folder: both, modules: "b"},
		{what: "the first that has all", path: []string{first, second, both}, needs: modules("a", "b"), folder: both,
			modules: "a 1.0, b"},
		{what: "an old one is skipped", path: []string{old, first}, needs: modules("a"), folder: first, modules: "a 1.0"},
		{what: "it is nowhere", path: []string{first, second}, needs: modules("a", "c"),
			err: "not installed for Python: c; "},
		{what: "how to get it", path: []string{first}, needs: modules("b"), err: "python3 -m pip install b"},
		{what: "no one has both", path: []string{first, second}, needs: modules("a", "b"),
			err: "no one Python has a and b: "},
		{what: "an old one is no reason", path: []string{old, second}, needs: modules("c"),
			err: "not installed for Python: c; "},
		{what: "only an old one", path: []string{old}, err: "python3 is Python 3.7; the Python programs need"},
		{what: "none", path: []string{broken, "/no/such/folder"}, err: "python3: exit status 1); the Python programs need Python 3.8 or later: "},
	} {
		t.Run(x.what, func(t *testing.T) {
			t.Setenv("PATH", strings.Join(x.path, ":"))
			got, err := new(Finder).Python(x.needs)
			if x.err != "" {
				if err == nil || !strings.Contains(err.Error(), x.err) {
					t.Errorf("%v, want %q", err, x.err)
				}
				return
			}
			if err != nil || filepath.Dir(got.Path) != x.folder || strings.Join(got.Modules, ", ") != x.modules {
				t.Errorf("%+v, %v, want %s with %s", got, err, x.folder, x.modules)
			}
		})
	}
}

// TestShadows: a folder of PYTHONPATH may hold modules with the names of the standard library's. They shadow it neither
// when Python is asked, nor in a server that needs nothing from there.
func TestShadows(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"json", "site", "os", "importlib", "queue", "ssl", "select", "email", "wsgiref"} {
		if err := os.WriteFile(filepath.Join(dir, name+".py"), []byte("raise SystemExit('the wrong one')\n"),
			0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PYTHONPATH", "relative:"+dir)
	own, err := new(Finder).Python(modules("wsgiref", "queue", "email"))
	if err != nil && strings.Contains(err.Error(), "no python3 found") {
		if _, err := exec.LookPath("python3"); err != nil {
			t.Skip("SKIPPED: python3 is missing")
		}
	}
	if err != nil || len(own.Folders) != 0 {
		t.Errorf("folders %q, %v; want none, the modules are the standard library's", own.Folders, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "needed_by_a_test.py"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if one, err := new(Finder).Python(modules("needed_by_a_test")); err != nil || len(one.Folders) != 1 ||
		one.Folders[0] != dir {
		t.Errorf("folders %q, %v; want %s", one.Folders, err, dir)
	}
}

// TestVirtualEnvironment: its Python finds its modules by itself, after the standard library's.
func TestVirtualEnvironment(t *testing.T) {
	python, err := new(Finder).Python(nil)
	if err != nil {
		t.Skip("SKIPPED: ", err)
	}
	dir := t.TempDir()
	if out, err := exec.Command(python.Path, "-m", "venv", "--without-pip", dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: this Python makes no virtual environments: %v\n%s", err, out)
	}
	folders, err := filepath.Glob(filepath.Join(dir, "lib", "python3*", "site-packages"))
	if err != nil || len(folders) != 1 {
		t.Fatal(folders, err)
	}
	for _, name := range []string{"needed_by_a_test", "queue"} {
		if err := os.WriteFile(filepath.Join(folders[0], name+".py"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", filepath.Join(dir, "bin"))
	found, err := new(Finder).Python(modules("needed_by_a_test"))
	if err != nil || len(found.Folders) != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	use := exec.Command(found.Path, "-c", "import needed_by_a_test, queue; queue.Queue")
	use.Env = []string{"PYTHONNOUSERSITE=1"}
	if out, err := use.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestPythonIsAskedOnce: however many servers want to know.
func TestPythonIsAskedOnce(t *testing.T) {
	var answers []string
	for _, name := range catalogued() {
		answers = append(answers, fmt.Sprintf("%q: {}", name))
	}
	dir := pretend(t, "3, 11", strings.Join(answers, ", "))
	f := Finder{begun: true, waiting: []string{filepath.Join(dir, "python3")}}
	for _, s := range catalogue.Servers() {
		f.Python(s.Needs) // found or not
	}
	if asked, err := os.ReadFile(filepath.Join(dir, "asked")); err != nil || len(asked) != 1 {
		t.Errorf("asked %d times, %v", len(asked), err)
	}
}

// TestHanging: a command that hangs, like a broken script of a version manager, is skipped.
func TestHanging(t *testing.T) {
	defer func(before time.Duration) { patience = before }(patience)
	patience = 100 * time.Millisecond
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "python3")
	if err := os.WriteFile(path, fmt.Appendf(nil, "#!/bin/sh\n(read line <%s)\n:\n", fifo), 0o700); err != nil {
		t.Fatal(err)
	}
	defer func() { // what hangs ends with the test
		if f, err := os.OpenFile(fifo, os.O_RDWR, 0); err == nil {
			f.WriteString("over\n")
			defer f.Close()
		}
	}()
	answered := make(chan error, 2)
	go func() {
		f := Finder{begun: true, waiting: []string{path}}
		_, err := f.Python(nil)
		answered <- err
		_, err = f.Programs([]catalogue.Need{{Program: path, Pip: "another"}})
		answered <- err
	}()
	for _, want := range []string{"no python3 found that works (" + path + ": ", "does not work"} {
		select {
		case err := <-answered:
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		case <-time.After(hang.After):
			t.Fatalf("it waits for what hangs; wanted is %q", want)
		}
	}
}

func TestPrograms(t *testing.T) {
	var f Finder
	shell := catalogue.Need{Program: "sh", Ask: []string{"-c", "echo of our own; echo more"}, Tells: "a shell "}
	if there, err := f.All([]catalogue.Need{shell}); err != nil || len(there) != 1 ||
		!strings.HasSuffix(there[0], "/sh (a shell of our own)") {
		t.Errorf("%q, %v", there, err)
	}
	for _, x := range []struct {
		need catalogue.Need
		want string
	}{
		{catalogue.Need{Program: "no-such-program", Pip: "nothing"}, "no-such-program is not installed: python3 -m pip install nothing"},
		{catalogue.Need{Program: "false", Pip: "truth"}, "false does not work, or lacks a part: python3 -m pip install truth"},
	} {
		if _, err := f.All([]catalogue.Need{x.need}); err == nil || !strings.HasSuffix(err.Error(), x.want) {
			t.Errorf("%v, want %q", err, x.want)
		}
	}
}
