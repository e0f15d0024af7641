// Package installed finds the third-party software that servers need: the Python that has their modules, and their
// programs.
package installed

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"era/catalogue"
)

// Finder looks each thing up once: asking a Python takes a while.
type Finder struct {
	// Run runs a program, and ends it when it hangs; nil runs it like any command.
	Run func(path string, args ...string) (stdout, stderr string, err error)

	mu       sync.Mutex
	begun    bool
	waiting  []string       // Pythons on PATH that have not been asked yet
	pythons  []*interpreter // those that work, in PATH's order
	failure  error          // of the first of those that do not
	programs map[string]program
}

// Python is an interpreter that has the modules that were asked for.
type Python struct {
	Path    string   // the interpreter itself
	Folders []string // folders of modules where it does not look by itself: those that PYTHONPATH names
	User    bool     // a module is where pip install --user puts it
	Modules []string // with their versions: "flask 2.2.2"
}

var itself = []catalogue.Need{{Debian: "python3", Brew: "python"}}

// Python finds the first Python on PATH, 3.8 or later, that has all modules of the needs. The error says what is
// missing and how to get it.
func (f *Finder) Python(needs []catalogue.Need) (Python, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var wanted []catalogue.Need
	nowhere := map[string]bool{} // modules that no Python has
	for _, n := range needs {
		if n.Module != "" {
			wanted, nowhere[n.Module] = append(wanted, n), true
		}
	}
	able, tooOld := false, ""
	for i := 0; ; i++ {
		p := f.python(i)
		switch {
		case p == nil && i == 0 && f.failure != nil:
			return Python{}, fmt.Errorf("no python3 found that works (%w); the Python programs need Python 3.8 or later: %s", f.failure, get(itself))
		case p == nil && i == 0:
			return Python{}, fmt.Errorf("no python3 found; the Python programs need Python 3.8 or later: %s", get(itself))
		case p == nil && !able:
			return Python{}, fmt.Errorf("%s; the Python programs need Python 3.8 or later: %s", tooOld, get(itself))
		case p == nil && len(nowhere) == 0:
			return Python{}, fmt.Errorf("no one Python has %s: %s", list(wanted), get(wanted))
		case p == nil:
			wanted = slices.DeleteFunc(wanted, func(n catalogue.Need) bool { return !nowhere[n.Module] })
			return Python{}, fmt.Errorf("not installed for Python: %s; %s", list(wanted), get(wanted))
		case p.version[0] < 3 || p.version[0] == 3 && p.version[1] < 8:
			tooOld = fmt.Sprintf("%s is Python %d.%d", p.path, p.version[0], p.version[1])
			continue
		}
		able = true
		if found, all := p.with(f, wanted, nowhere); all {
			return found, nil
		}
	}
}

// All returns where everything that is needed is, and its version.
func (f *Finder) All(needs []catalogue.Need) (there []string, err error) {
	if there, err = f.Programs(needs); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(needs, func(n catalogue.Need) bool { return n.Module != "" }) {
		return there, nil
	}
	python, err := f.Python(needs)
	if err != nil {
		return nil, err
	}
	return append(there, strings.Join(python.Modules, ", ")+" of "+python.Path), nil
}

// python returns the nth working Python on PATH, or nil.
func (f *Finder) python(n int) *interpreter {
	if !f.begun {
		f.begun, f.waiting = true, commands()
	}
	for len(f.pythons) <= n && len(f.waiting) > 0 {
		p := &interpreter{command: f.waiting[0], modules: map[string]module{}}
		f.waiting = f.waiting[1:]
		if err := p.ask(f, catalogued()); err == nil {
			f.pythons = append(f.pythons, p)
		} else if f.failure == nil {
			f.failure = err
		}
	}
	if n >= len(f.pythons) {
		return nil
	}
	return f.pythons[n]
}

// with reports whether the interpreter has all the modules, and removes those that it has from nowhere.
func (p *interpreter) with(f *Finder, wanted []catalogue.Need, nowhere map[string]bool) (found Python, all bool) {
	found, all = Python{Path: p.path}, true
	for _, n := range wanted {
		if _, known := p.modules[n.Module]; !known && p.ask(f, []string{n.Module}) != nil {
			p.modules[n.Module] = module{} // it does not work any more
		}
		m := p.modules[n.Module]
		if m.Folder == "" {
			all = false
			continue
		}
		delete(nowhere, n.Module)
		found.Modules = append(found.Modules, strings.TrimSpace(n.Module+" "+m.Version))
		found.User = found.User || m.User
		// They come before the standard library: only if needed.
		if !m.Own && !slices.Contains(found.Folders, m.Folder) {
			found.Folders = append(found.Folders, m.Folder)
		}
	}
	return found, all
}

// catalogued are the modules that the servers of the catalogue need: a Python is asked for all of them at once.
func catalogued() []string {
	names := map[string]bool{}
	for _, s := range catalogue.Servers() {
		for _, n := range s.Needs {
			names[n.Module] = true
		}
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

func list(needs []catalogue.Need) string {
	var names []string
	for _, n := range needs {
		names = append(names, n.Module)
	}
	return strings.Join(names, " and ")
}
