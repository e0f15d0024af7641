// Package aside writes files beside their destination and renames them when they are complete: a reader of a path finds
// all of a file or nothing, whatever was killed meanwhile.
package aside

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes a file of the data. The pattern names it until then, as in os.CreateTemp.
func Write(path, pattern string, data []byte, mode fs.FileMode) error {
	return Make(path, pattern, mode, func(file string) error { return os.WriteFile(file, data, mode) })
}

// Make makes a file that fill writes, under the name that it is given. If fill fails, nothing is left of it.
func Make(path, pattern string, mode fs.FileMode, fill func(file string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), pattern)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = f.Close() // empty: its name is wanted
	if err == nil {
		err = fill(f.Name())
	}
	if err == nil {
		err = os.Chmod(f.Name(), mode)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
