package process

import (
	"slices"
	"strings"
	"testing"

	"era/runnable"
)

// TestNeeds: a server that needs a module can be run where the module is, and says how to get it where it is not.
func TestNeeds(t *testing.T) {
	b := NewBuilder("../..", t.TempDir())
	v := runnable.Variant{Server: runnable.Server{ID: "needy", Folder: "select"}, Language: runnable.Python}
	if err := b.Available(v); err != nil {
		t.Skip(err) // no Python
	}
	v.Server.Needs = []runnable.Need{{Module: "no_such_module", Pip: "no-such-module"}}
	err := b.Available(v)
	if want := "not installed for Python: no_such_module; python3 -m pip install no-such-module"; err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
	if _, err := b.Build(t.Context(), v); err == nil || !strings.Contains(err.Error(), "needy/python cannot run here: ") {
		t.Errorf("%v", err)
	}
	v.Server.Needs = []runnable.Need{{Module: "json"}, {Program: "sh", Ask: []string{"-c", "echo a shell"}}} // all have them
	p, err := b.Build(t.Context(), v)
	if err != nil || p.Modules == "" || !slices.Contains(serverEnv(p, ""), "PYTHONPATH="+p.Modules) {
		t.Errorf("folder %q, %v", p.Modules, err)
	}
}
