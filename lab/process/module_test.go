package process

import (
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
	v.Server.Needs = "no_such_module_of_the_era"
	err := b.Available(v)
	if want := "the Python module no_such_module_of_the_era is not installed: python3 -m pip install no_such_module_of_the_era"; err == nil ||
		err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
	if _, err := b.Build(t.Context(), v); err == nil || !strings.Contains(err.Error(), "needy/python cannot run here: ") {
		t.Errorf("%v", err)
	}
	v.Server.Needs = "json" // every Python has it
	p, err := b.Build(t.Context(), v)
	if err != nil || p.Modules == "" || !strings.Contains(strings.Join(serverEnv(p, ""), "\n"), "PYTHONPATH="+p.Modules) {
		t.Errorf("folder %q, %v", p.Modules, err)
	}
}
