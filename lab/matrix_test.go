package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"era/lab/process"
)

// Where the modules are missing and cannot be fetched, nothing of the Go part can be built: each cell says so, and the
// matrix comes nevertheless.
func TestMatrixWithoutModules(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() // without Python as well
	if err := os.Symlink(tool, filepath.Join(path, "go")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", path)
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "off")
	m, err := New(Options{Root: "..", Builder: process.NewBuilder("..", t.TempDir())}).Matrix(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range m.Grids[0].Cells {
		for _, cell := range row {
			if cell.SHA256 != "" || len(cell.Differs) != 1 || !strings.Contains(cell.Differs[0], "GOPROXY=off") {
				t.Errorf("%+v", cell)
			}
		}
	}
	if same, run := m.Same(); same != 0 || run != 30 {
		t.Errorf("%d of %d cells are the same", same, run)
	}
}
