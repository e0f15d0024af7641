package installed

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// interpreter is a Python 3 of this machine, and what is known about its modules.
type interpreter struct {
	command string // as PATH has it
	path    string // the interpreter itself: PATH may hold a script of pyenv or a similar tool
	version [2]int
	modules map[string]module // those that were looked for
}

// module is one that was looked for; without a folder it is missing.
type module struct {
	Folder  string // from which it is imported
	Own     bool   // the interpreter looks there by itself, whatever the environment says
	User    bool   // it looks there unless PYTHONNOUSERSITE is set: pip install --user put it there
	Version string // "" for those of the standard library
}

// probe looks for modules without importing them. The working directory does not count, as a folder may have a module's
// name, and the folders of PYTHONPATH come last: they may hold a module with a name of the standard library.
const probe = `
import sys
sys.path = [folder for folder in sys.path if folder]
import importlib.util, json, os, site
try:
    from importlib.metadata import version
except ImportError:
    version = None
user = os.path.realpath(site.getusersitepackages())
own = [os.path.realpath(folder) for folder in sys.path]
sys.path += [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(folder)]
def look(name):
    spec = importlib.util.find_spec(name)
    if not spec or not spec.origin:
        return {}
    folder = os.path.dirname(os.path.dirname(spec.origin)) if spec.submodule_search_locations else os.path.dirname(spec.origin)
    real = os.path.realpath(folder)
    found = {"folder": folder, "user": real == user, "own": real in own}
    try:
        found["version"] = version(name)
    except Exception:
        pass
    return found
print(json.dumps([sys.executable, sys.version_info[:2], {name: look(name) for name in sys.argv[1:]}]))
`

// ask makes the interpreter look for modules. The error says why it is not a working Python 3.
func (p *interpreter) ask(f *Finder, names []string) error {
	out, _, err := f.run(p.command, append([]string{"-E", "-c", probe}, names...)...)
	if err != nil {
		return fmt.Errorf("%s: %w", p.command, err) // a Python 2, or a shim without a Python; or nothing can be started
	}
	var executable string
	found := map[string]module{}
	if json.Unmarshal([]byte(out), &[]any{&executable, &p.version, &found}) != nil {
		return fmt.Errorf("%s does not report what it is", p.command)
	}
	if at, err := os.Stat(executable); err != nil || !at.Mode().IsRegular() || !filepath.IsAbs(executable) {
		return fmt.Errorf("%s calls itself %q", p.command, executable)
	}
	p.path = executable // a virtual environment's may be a link, whose path determines its modules
	for name, m := range found {
		p.modules[name] = m
	}
	return nil
}

// commands returns the Pythons on PATH in its order, one from each folder.
func commands() (all []string) {
	seen := map[string]bool{}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil || seen[real] || !filepath.IsAbs(dir) {
			continue // PATH may name folders that do not exist
		}
		seen[real] = true
		for _, name := range []string{"python3", "python"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				all = append(all, path)
				break
			}
		}
	}
	return all
}
