package simulated

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKeep(t *testing.T) {
	root, _ := filepath.Abs("../..")
	dir := os.Getenv("OV")
	o := &overlay{root: root, scratch: dir, replace: map[string]string{}}
	if err := o.fill(os.Getenv("FOLDER"), nil); err != nil {
		t.Fatal(err)
	}
}
