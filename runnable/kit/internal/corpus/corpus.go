// Package corpus is for tests: it holds programs in Go to the logs that CPython made of their twins in Python.
package corpus

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write testdata/*.log anew, with the Pythons that are found")

// Corpus is testdata's programs, NAME.py, and their logs. NAME.log is the reference; its first line names the CPython that
// wrote it. Where versions before Since print something else, NAME.older.log says what.
type Corpus struct {
	Programs int     // how many there are in Go
	Since    Version // agrees with the reference
	Oldest   Version // can run the programs
}

// Version is that of a Python: 3.13 is {3, 13}.
type Version [2]int

func (v Version) before(w Version) bool { return slices.Compare(v[:], w[:]) < 0 }

// Test calls run for every program with its reference log. Whatever Python is installed, it is asked as well, and must
// print what is committed for its version.
func Test(t *testing.T, c Corpus, run func(t *testing.T, name, log string)) {
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) != c.Programs {
		t.Fatalf("%d programs in Python, %d in Go, %v", len(files), c.Programs, err)
	}
	asked := slices.DeleteFunc(slices.Clone(pythons()), func(p python) bool { return p.version.before(c.Oldest) })
	if len(asked) == 0 {
		const none = "no python3 of %d.%d or later, so no log was made again"
		if *update || os.Getenv("CI") == "true" {
			t.Fatalf(none, c.Oldest[0], c.Oldest[1])
		}
		t.Logf("SKIPPED: "+none, c.Oldest[0], c.Oldest[1])
	}
	for _, file := range files {
		os.Stat(file) // so that go test does not take a run before the program's last change for good
		name := strings.TrimSuffix(file, ".py")
		t.Run(filepath.Base(name), func(t *testing.T) {
			for _, p := range asked {
				c.ask(t, p, name)
			}
			run(t, filepath.Base(name), read(t, name+".log"))
		})
	}
}

// ask compares what a Python prints with what is committed for its version.
func (c Corpus) ask(t *testing.T, p python, name string) {
	prints, err := exec.Command(p.path, name+".py").Output()
	if err != nil {
		t.Fatalf("%s %s.py: %v", p.path, name, err)
	}
	reference, older := name+".log", name+".older.log"
	write := func(file string) {
		if err := os.WriteFile(file, fmt.Appendf(nil, "%s%s\n%s", writtenBy, p.release, prints), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed := reference
	if p.version.before(c.Since) {
		if *update {
			os.Remove(older)
			if string(prints) != read(t, reference) {
				write(older)
			}
		}
		if _, err := os.Stat(older); err == nil {
			committed = older
		}
	} else if *update && p == pythons()[0] { // the newest
		write(reference)
	}
	if want := read(t, committed); string(prints) != want {
		t.Errorf("CPython %s prints\n%s\n%s says\n%s", p.release, prints, committed, want)
	}
}

const writtenBy = "# CPython "

// read is a log without its first line.
func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	first, log, _ := bytes.Cut(content, []byte("\n"))
	if err != nil || !bytes.HasPrefix(first, []byte(writtenBy)) {
		t.Fatalf("%s begins with %q, want the version that wrote it: %v", file, first, err)
	}
	return string(log)
}

type python struct {
	path, release string
	version       Version
}

// pythons are python3, and the newest that is to be found if that is another: the newest comes first.
var pythons = sync.OnceValue(func() (found []python) {
	paths, _ := filepath.Glob(filepath.Join(os.Getenv("PYENV_ROOT"), "versions/*/bin/python3"))
	for minor := 8; minor < 30; minor++ {
		paths = append(paths, fmt.Sprintf("python3.%d", minor))
	}
	var usual *python
	for _, path := range append(paths, "python3") {
		p := python{path: path}
		out, err := exec.Command(path, "-c", "import platform; print(platform.python_implementation(), platform.python_version())").Output()
		if _, scanErr := fmt.Sscanf(string(out), "CPython %d.%d", &p.version[0], &p.version[1]); err != nil ||
			scanErr != nil {
			continue
		}
		p.release = strings.Fields(string(out))[1]
		if found = append(found, p); path == "python3" {
			usual = &p
		}
	}
	if len(found) == 0 {
		return nil
	}
	newest := slices.MaxFunc(found, func(a, b python) int { return slices.Compare(a.version[:], b.version[:]) })
	if usual == nil || usual.release == newest.release {
		return []python{newest}
	}
	return []python{newest, *usual}
})

// NoLeak waits until there are as many goroutines as before; those that have ended may take a moment to go.
func NoLeak(t *testing.T, before int) {
	t.Helper()
	for start := time.Now(); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}
