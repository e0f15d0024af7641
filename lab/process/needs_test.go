package process

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"era/catalogue"
)

// TestNeeds: a server that needs a module can be run where the module is installed; elsewhere the error says how to get
// it.
func TestNeeds(t *testing.T) {
	b := NewBuilder("../..", t.TempDir())
	v := catalogue.Variant{Server: catalogue.Server{ID: "needy", Folder: "select"}, Language: catalogue.Python}
	if err := b.Available(v); err != nil {
		t.Skip(err) // no Python
	}
	v.Server.Needs = []catalogue.Need{{Module: "no_such_module", Pip: "no-such-module"}}
	err := b.Available(v)
	if want := "not installed for Python: no_such_module; python3 -m pip install no-such-module"; err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
	if _, err := b.Build(t.Context(), v); err == nil || !strings.Contains(err.Error(), "needy/python cannot run here: ") {
		t.Errorf("%v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "needed_by_a_test.py"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", dir)
	b = NewBuilder("../..", t.TempDir()) // asks again
	v.Server.Needs = []catalogue.Need{{Module: "needed_by_a_test"}, {Program: "sh", Ask: []string{"-c", "echo a shell"}}}
	p, err := b.Build(t.Context(), v)
	if err != nil || p.Modules != dir || !slices.Contains(serverEnv(p, ""), "PYTHONPATH="+dir) {
		t.Errorf("folder %q, %v; want %s", p.Modules, err, dir)
	}
}
