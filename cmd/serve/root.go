package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// findRoot finds the root of the repository: the nearest folder, from the working directory upwards, that holds the
// book's module.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the book: %w", err)
	}
	for {
		module, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		first, _, _ := strings.Cut(string(module), "\n")
		if err == nil && strings.TrimSpace(first) == "module era" { // Git for Windows ends lines with CR LF
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("this is not inside the book's repository (no go.mod of module era here or above): change to its folder first")
		}
		dir = up
	}
}

// filesOf returns the repository's files. A symbolic link that leads out of the repository cannot be read.
func filesOf(root string) (fs.FS, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open the book: %w", err)
	}
	return r.FS(), nil // open as long as the program runs
}
