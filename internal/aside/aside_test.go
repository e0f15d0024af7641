package aside_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"era/internal/aside"
)

func TestMake(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := aside.Write(path, ".part-*", []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	err := aside.Make(path, ".part-*", 0o644, func(file string) error {
		if filepath.Dir(file) != dir {
			t.Errorf("%s is not beside %s: renaming could fail", file, path)
		}
		return errors.Join(os.WriteFile(file, []byte("half"), 0o644), failed)
	})
	if !errors.Is(err, failed) {
		t.Errorf("error: %v", err)
	}
	check := func(want string) {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil || string(data) != want {
			t.Errorf("the file holds %q, %v, want %q", data, err, want)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%d files are left, not one: %v", len(left), left)
		}
	}
	check("one")
	if err := aside.Write(path, ".part-*", []byte("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	check("two")
	if err := aside.Write(filepath.Join(dir, "none", "file"), "x", nil, 0o644); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
}
